package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.route.ClassifierOptions;
import io.github.sherl4j.route.SherlConfig;
import io.github.sherl4j.route.SherlRoute;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which network to adapt, and how adapter and head are laid over it. */
final class ModelOptions {
    private static final String MINI_LM = "minilm";
    private static final String BGE_SMALL = "bge-small";
    private static final String BERT_BASE = "bert-base";
    private static final int SHORTEST = 3;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = MINI_LM,
            description =
                    "minilm: all-MiniLM-L6-v2 from the class path (default); bge-small: bge-small-en-v1.5 from the"
                            + " class path; bert-base: BERT-base uncased, which the Maven profile bert-base brings; or a"
                            + " folder of a BERT with config.json, model.safetensors and tokenizer.json, as Hugging Face"
                            + " has it.")
    private String model = MINI_LM;

    @Option(
            names = "--pooling",
            paramLabel = "KIND",
            defaultValue = "mean",
            description = "How the states of a text's tokens become one: mean, or cls for the first token's"
                    + " (default: ${DEFAULT-VALUE}).")
    private Pooling pooling = Pooling.MEAN;

    @Option(
            names = "--max-length",
            paramLabel = "TOKENS",
            description = "Longer texts are cut (default: " + DataOptions.SPAM_LENGTH + " for spam, else "
                    + DataOptions.OTHER_LENGTH + ").")
    private @Nullable Integer maxLength;

    @Option(
            names = "--reduction",
            paramLabel = "FACTOR",
            defaultValue = "2",
            description = "SHERL's adapter is this many times narrower than the network (default: ${DEFAULT-VALUE}).")
    private double reduction = 2;

    @Option(
            names = "--late-layers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Frozen layers behind SHERL's adapter that gradients flow through"
                    + " (default: ${DEFAULT-VALUE}).")
    private int lateLayers = 1;

    void check(Options options, boolean withSherl) {
        options.onlyIf(withSherl, "--reduction", "--method sherl");
        options.onlyIf(withSherl, "--late-layers", "--method sherl");
        options.require(
                reduction > 0 && Double.isFinite(reduction), "--reduction must be positive, but is %s", reduction);
        options.require(lateLayers >= 0, "--late-layers must be 0 or more, but is %s", lateLayers);
        options.require(
                maxLength == null || maxLength >= SHORTEST,
                "--max-length must be at least %s tokens, but is %s",
                SHORTEST,
                maxLength);
    }

    /** What the user called the network. */
    String name() {
        return model;
    }

    /** A freshly loaded network, closed by the caller. */
    BertBackbone load() throws IOException {
        return switch (model) {
            case MINI_LM -> MiniLm.load();
            case BGE_SMALL -> BgeSmall.load();
            case BERT_BASE -> BertBase.load();
            default -> BertBackbone.load(Path.of(model));
        };
    }

    /** Finds out before any training whether the network can be used as asked for. */
    void check(TextBackbone backbone, int defaultMaxLength) {
        SherlRoute.allTaps(backbone.blocks().size(), lateLayers);
        int length = maxLength(defaultMaxLength);
        Check.argument(
                length <= backbone.maxTokens(),
                "--max-length must be at most %s, the longest that %s takes, but is %s",
                backbone.maxTokens(),
                model,
                length);
    }

    ClassifierOptions classifier(List<String> labels, int defaultMaxLength, long seed) {
        return new ClassifierOptions(labels, pooling, maxLength(defaultMaxLength), seed);
    }

    SherlConfig sherl(long seed) {
        return SherlConfig.defaults()
                .withReduction(reduction)
                .withLateLayers(lateLayers)
                .withSeed(seed);
    }

    private int maxLength(int defaultMaxLength) {
        return maxLength == null ? defaultMaxLength : maxLength;
    }
}
