package io.github.sherl4j.train;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A copy of the trainable parameters and of the buffers in a temporary file, since memory is what training is short of. */
final class BestWeights implements AutoCloseable {
    private final Map<String, INDArray> values = new LinkedHashMap<>();
    private @Nullable Path file;

    /** A copy of nothing yet; groups and buffers stay owned by the caller. */
    BestWeights(List<ParameterGroups.Group> groups, List<Parameter> buffers) {
        groups.forEach(group -> values.put(group.decays() ? "decaying" : "other", group.values()));
        for (Parameter buffer : buffers) { // numbered, since two towers may use the same names
            values.put("buffer." + values.size(), buffer.value());
        }
    }

    /** Copies the values as they are now, in place of what was copied before. */
    void save() {
        try {
            if (file == null) {
                file = Files.createTempFile("sherl-best-", ".safetensors");
            }
            SafeTensors.write(file, values, Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets the values to those of the last copy, or leaves them if there is none. */
    void restore() {
        if (file == null) {
            return;
        }
        try (SafeTensors saved = SafeTensors.open(file)) {
            values.forEach(saved::readInto);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes the file. */
    @Override
    public void close() {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
                file = null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
