package io.github.sherl4j.route;

import io.github.sherl4j.backbone.SequenceNetwork;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Turns texts into texts by SHERL: an adapter and a new norm on each side of an encoder-decoder learn, the network and its output
 * table stay as they are. The norms start as copies of the network's own.
 */
public final class SherlSequenceModel extends SequenceModel {
    private final EncoderDecoderConfig config;

    private SherlSequenceModel(SequenceNetwork network, EncoderDecoderConfig config, SequenceOptions options) {
        super(network, SherlSequenceRoute.of(network, config), options);
        this.config = config;
    }

    /**
     * A model with new adapters.
     *
     * @param network shared; stays open and unchanged
     */
    public static SherlSequenceModel of(SequenceNetwork network, EncoderDecoderConfig config, SequenceOptions options) {
        options.requireFits(network);
        return new SherlSequenceModel(network, config, options);
    }

    /**
     * Loads what {@link #save} wrote.
     *
     * @param network the one that the adapters were trained on; shared, stays open
     * @param folder with {@code adapter.safetensors}
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if the file is no adapter, is damaged, or was trained on another network
     */
    public static SherlSequenceModel load(SequenceNetwork network, Path folder) throws IOException {
        return SequenceAdapterFiles.load(network, folder);
    }

    /**
     * Saves adapters and norms, a few megabytes: {@code adapter.safetensors}, and {@code adapter.json}, which tells people what is
     * in it. Files that were there are replaced only when the new ones are safe on disk.
     *
     * @param folder made if it does not exist
     */
    public void save(Path folder) throws IOException {
        SequenceAdapterFiles.save(this, folder);
    }

    /** How SHERL is laid over the network. */
    public EncoderDecoderConfig config() {
        return config;
    }
}
