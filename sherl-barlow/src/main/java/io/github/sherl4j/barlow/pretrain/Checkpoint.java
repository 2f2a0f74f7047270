package io.github.sherl4j.barlow.pretrain;

import io.github.sherl4j.barlow.BarlowModel;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.train.Optimizer;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A training between two steps as one safetensors file: parameters and running statistics below {@code encoder.} and
 * {@code projector.}, the updater's state as {@code optimizer.0} and so on, and as metadata the number of steps done and the
 * settings of the training. Nothing else is needed: the data order and what happens to each picture follow from the seed and the
 * number of the step. The encoder in it can be loaded like any other file of that network.
 */
final class Checkpoint {
    private static final String FORMAT = "format";
    private static final String VERSION = "barlow-twins-checkpoint-1";
    private static final String STEPS = "steps";

    private final Map<String, INDArray> tensors;
    private final Map<String, String> settings;

    /** What will be written and read; nothing is copied. */
    Checkpoint(BarlowModel model, Optimizer optimizer, Map<String, String> settings) {
        this.tensors = new LinkedHashMap<>(model.tensors());
        List<INDArray> states = optimizer.state();
        for (int i = 0; i < states.size(); i++) {
            tensors.put("optimizer." + i, states.get(i));
        }
        this.settings = settings;
    }

    void write(Path file, int steps) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>(settings);
        metadata.put(FORMAT, VERSION);
        metadata.put(STEPS, Integer.toString(steps));
        SafeTensors.write(file, tensors, metadata);
    }

    /**
     * Sets the model and the updater's state to those of a file.
     *
     * @return steps done
     * @throws IllegalArgumentException if it is no checkpoint, or one of another training or network; nothing is changed then
     */
    int read(Path file) throws IOException {
        try (SafeTensors saved = SafeTensors.open(file)) {
            Map<String, String> metadata = saved.metadata();
            Check.argument(
                    VERSION.equals(metadata.get(FORMAT)),
                    "%s: expected a checkpoint of the format %s, but its format is %s",
                    file,
                    VERSION,
                    metadata.getOrDefault(FORMAT, "not given"));
            requireSameNetwork(saved);
            settings.forEach((name, value) -> Check.argument(
                    value.equals(metadata.get(name)),
                    "%s: was written by a training with %s %s, but this one has %s",
                    file,
                    name,
                    metadata.get(name),
                    value));
            int steps = steps(file, metadata.getOrDefault(STEPS, ""));
            tensors.forEach(saved::readInto);
            return steps;
        }
    }

    private void requireSameNetwork(SafeTensors saved) {
        tensors.forEach((name, tensor) -> {
            Check.argument(
                    saved.names().contains(name),
                    "%s: is of another network, since it has no %s, which this one has with shape %s",
                    saved.origin(),
                    name,
                    Arrays.toString(tensor.shape()));
            Check.argument(
                    Arrays.equals(saved.shape(name), tensor.shape()) && saved.type(name) == tensor.dataType(),
                    "%s: is of another network, since its %s is %s %s, but this one's is %s %s",
                    saved.origin(),
                    name,
                    saved.type(name),
                    Arrays.toString(saved.shape(name)),
                    tensor.dataType(),
                    Arrays.toString(tensor.shape()));
        });
        for (String name : saved.names()) {
            Check.argument(
                    tensors.containsKey(name),
                    "%s: is of another network, since it has %s, which this one has not",
                    saved.origin(),
                    name);
        }
    }

    private static int steps(Path file, String text) {
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "%s: expected the number of steps done, but it is \"%s\"".formatted(file, text), e);
        }
    }
}
