package io.github.sherl4j.route;

import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.data.TextData;
import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import java.util.stream.Stream;

/** A classifier of texts or pairs of texts, which it tokenizes as its backbone needs them. */
public class TextClassifier extends Classifier<TokenBatch> {
    private static final long HEAD_USE = 2;

    private final TextBackbone backbone;
    private final ClassifierOptions options;

    /**
     * A classifier with a new head.
     *
     * @param backbone shared; stays open
     * @param route through that backbone; its parameters become trainable
     */
    public TextClassifier(TextBackbone backbone, Route<TokenBatch> route, ClassifierOptions options) {
        super(backbone, route, head(backbone, options), options.labels());
        this.backbone = backbone;
        this.options = options;
    }

    private static ClassificationHead head(TextBackbone backbone, ClassifierOptions options) {
        requireLength(backbone, options);
        return new ClassificationHead(
                options.pooling(),
                backbone.width(),
                options.labels().size(),
                backbone.type(),
                Rng.derive(options.seed(), HEAD_USE));
    }

    static void requireLength(TextBackbone backbone, ClassifierOptions options) {
        Check.argument(
                options.maxLength() <= backbone.maxTokens(),
                "maxLength must be at most %s, the longest that this network takes, but is %s",
                backbone.maxTokens(),
                options.maxLength());
    }

    /**
     * Classifies texts.
     *
     * @param texts not blank; longer ones than the maximal length are cut
     * @return a prediction for each, in their order
     */
    public List<Prediction> predict(List<String> texts) {
        return predictExamples(
                texts.stream().map(text -> new TextExample(text, null, null)).toList());
    }

    /** Classifies texts or pairs of texts; labels are not looked at. */
    public List<Prediction> predictExamples(List<TextExample> examples) {
        if (examples.isEmpty()) {
            return List.of();
        }
        List<TokenizedText> texts = backbone.tokenizer().encodeAll(examples, options.maxLength());
        double[][] probabilities = probabilities(TokenizedData.of(texts, new int[0]));
        return Stream.of(probabilities)
                .map(row -> Prediction.of(options.labels(), row))
                .toList();
    }

    /** Tokenizes labelled texts as this model needs them. */
    public TokenizedData tokenize(TextData data) {
        return TokenizedData.of(data, backbone.tokenizer(), options.labels(), options.maxLength());
    }

    /** The options. */
    public ClassifierOptions options() {
        return options;
    }

    /** The network that this model shares. */
    public TextBackbone backbone() {
        return backbone;
    }
}
