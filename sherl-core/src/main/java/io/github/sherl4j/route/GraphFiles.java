package io.github.sherl4j.route;

import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A {@link GraphModel}'s adapter and head in a folder: {@code adapter.safetensors} has the parameters and running statistics
 * under their names and, as metadata {@code sherl-graph}, the fingerprint of the network that they belong to.
 */
final class GraphFiles {
    private static final String WEIGHTS = "adapter.safetensors";
    private static final String KEY = "sherl-graph";

    private GraphFiles() {}

    static void save(GraphModel model, Path folder) throws IOException {
        Files.createDirectories(folder);
        SafeTensors.write(
                folder.resolve(WEIGHTS),
                AdapterFiles.tensors(model),
                Map.of(KEY, model.backbone().fingerprint()));
    }

    static void restore(GraphModel model, Path folder) throws IOException {
        Path file = folder.resolve(WEIGHTS);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            String fingerprint = tensors.metadata().get(KEY);
            if (!model.backbone().fingerprint().equals(fingerprint)) {
                throw new IllegalArgumentException(
                        "%s was trained on the network with fingerprint %s, but this one has %s"
                                .formatted(file, fingerprint, model.backbone().fingerprint()));
            }
            AdapterFiles.restore(model, tensors);
        }
    }
}
