package io.github.sherl4j.backbone;

import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.weights.SafeTensors;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;

/** A network over texts in a folder: {@code config.json}, {@code model.safetensors}, {@code tokenizer.json}. */
public final class HuggingFaceFolder {
    private HuggingFaceFolder() {}

    /** What reads a configuration. */
    @FunctionalInterface
    public interface ConfigReader<C> {
        /** Reads a file. */
        C read(Path file) throws IOException;
    }

    /** What makes a network. */
    @FunctionalInterface
    public interface NetworkLoader<C, N> {
        /**
         * Loads weights.
         *
         * @param weights read, not closed
         * @param tokenizer owned by the network from now on, unless this fails
         */
        N load(C config, WeightSource weights, TextTokenizer tokenizer, DataType type);
    }

    /**
     * Loads a network in single precision.
     *
     * @throws IOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file is malformed or describes another kind of network
     */
    public static <C, N> N load(Path folder, ConfigReader<C> configReader, NetworkLoader<C, N> loader)
            throws IOException {
        C config = configReader.read(folder.resolve("config.json"));
        try (SafeTensors weights = SafeTensors.open(folder.resolve("model.safetensors"))) {
            return withTokenizer(folder, tokenizer -> loader.load(config, weights, tokenizer, DataType.FLOAT));
        }
    }

    /**
     * Gives a folder's tokenizer to a network that is being made, and closes it if that fails.
     *
     * @throws IOException if {@code tokenizer.json} is missing or cannot be read
     */
    public static <N> N withTokenizer(Path folder, Function<TextTokenizer, N> network) throws IOException {
        TextTokenizer tokenizer = TextTokenizer.load(folder.resolve("tokenizer.json"));
        try {
            return network.apply(tokenizer);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }
}
