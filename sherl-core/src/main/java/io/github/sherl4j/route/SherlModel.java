package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterOptions.Reduction;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A text classifier that is trained by SHERL: adapter and head learn, the network stays as it is. */
public final class SherlModel extends TextClassifier {
    private final SherlConfig config;

    private SherlModel(
            TextBackbone backbone, SherlRoute<TokenBatch> route, SherlConfig config, ClassifierOptions options) {
        super(backbone, route, options);
        this.config = config;
    }

    /** A classifier with a new adapter and a new head, mean pooling, and texts of at most 128 tokens, or what the network takes. */
    public static SherlModel classifier(TextBackbone backbone, SherlConfig config, List<String> labels) {
        ClassifierOptions options = ClassifierOptions.of(labels).withSeed(config.seed());
        int maxLength = Math.min(options.maxLength(), backbone.maxTokens());
        return classifier(backbone, config, options.withMaxLength(maxLength));
    }

    /**
     * A classifier with a new adapter and a new head.
     *
     * @param backbone shared; stays open and unchanged
     */
    public static SherlModel classifier(TextBackbone backbone, SherlConfig config, ClassifierOptions options) {
        requireLength(backbone, options);
        Reduction reduction = config.adapterOptions(backbone.width()).reduction();
        Check.argument(
                reduction == Reduction.LINEAR_NORM || reduction == Reduction.GATED,
                "preset must be one that takes states of tokens alone, but is %s",
                config.preset());
        SherlRoute<TokenBatch> route = SherlRoute.of(backbone, config);
        return new SherlModel(backbone, route, config, options);
    }

    /**
     * Loads what {@link #save} wrote.
     *
     * @param backbone the network that the adapter was trained on; shared, stays open
     * @param folder with {@code adapter.safetensors}
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if the file is no adapter, is damaged, or was trained on another network
     */
    public static SherlModel load(TextBackbone backbone, Path folder) throws IOException {
        return AdapterFiles.load(backbone, folder);
    }

    /**
     * Saves adapter and head, a few megabytes: {@code adapter.safetensors}, and {@code adapter.json}, which tells people
     * what is in it. Files that were there are replaced only when the new ones are safe on disk.
     *
     * @param folder made if it does not exist
     */
    public void save(Path folder) throws IOException {
        AdapterFiles.save(this, folder);
    }

    /** How SHERL is laid over the network. */
    public SherlConfig config() {
        return config;
    }
}
