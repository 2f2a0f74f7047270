package io.github.sherl4j.route;

import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.nio.file.Path;

/** A classifier of pictures that is trained by SHERL: adapter and head learn, the network stays as it is. */
public final class SherlImageModel extends ImageClassifier {
    private final SherlConfig config;

    private SherlImageModel(
            ImageBackbone backbone, SherlRoute<ImageBatch> route, SherlConfig config, ImageClassifierOptions options) {
        super(backbone, route, options);
        this.config = config;
    }

    /**
     * A classifier with a new adapter and a new head.
     *
     * @param backbone shared; stays open and unchanged
     * @param config for a ResNet the preset VSE_IMAGE and its stages as taps, for a transformer one that takes states of tokens
     */
    public static SherlImageModel classifier(
            ImageBackbone backbone, SherlConfig config, ImageClassifierOptions options) {
        Check.argument(
                !config.preset().options(1).guideFromOutside(),
                "preset must be one that stands before the last blocks, but is %s",
                config.preset());
        return new SherlImageModel(backbone, SherlRoute.of(backbone, config), config, options);
    }

    /**
     * Loads what {@link #save} wrote.
     *
     * @param backbone the network that the adapter was trained on; shared, stays open
     * @param folder with {@code adapter.safetensors}
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if the file is no adapter for pictures, is damaged, or was trained on another network
     */
    public static SherlImageModel load(ImageBackbone backbone, Path folder) throws IOException {
        return ImageAdapterFiles.load(backbone, folder);
    }

    /**
     * Saves adapter and head, a few megabytes: {@code adapter.safetensors}, and {@code adapter.json}, which tells people what
     * is in it. Files that were there are replaced only when the new ones are safe on disk.
     *
     * @param folder made if it does not exist
     */
    public void save(Path folder) throws IOException {
        ImageAdapterFiles.save(this, folder);
    }

    /** How SHERL is laid over the network. */
    public SherlConfig config() {
        return config;
    }
}
