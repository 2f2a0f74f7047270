package io.github.sherl4j.backbone.bert;

import io.github.sherl4j.backbone.HuggingFaceConfig;
import io.github.sherl4j.nd.Check;

/**
 * Sizes of a BERT network or a relative.
 *
 * @param vocabulary number of word pieces
 * @param positions entries of the table of positions
 * @param types number of segment types; 0 for a DistilBERT
 * @param width length of a hidden state
 * @param layers number of transformer blocks
 * @param heads attention heads, a divisor of the width
 * @param hidden width of the feed-forward networks' inner states
 * @param normEps eps of the layer norms
 * @param family which relative
 */
public record BertConfig(
        int vocabulary,
        int positions,
        int types,
        int width,
        int layers,
        int heads,
        int hidden,
        double normEps,
        BertFamily family) {
    /** Checks the sizes. */
    public BertConfig {
        Check.argument(vocabulary > 0, "vocabulary must be positive, but is %s", vocabulary);
        Check.argument(
                positions > family.firstPosition(),
                "positions must be %s, but is %s",
                family.firstPosition() == 0 ? "positive" : "more than " + family.firstPosition(),
                positions);
        if (family.hasTypes()) {
            Check.argument(types > 0, "types must be positive, but is %s", types);
        } else {
            Check.argument(types == 0, "types must be 0, since %s has none, but is %s", family, types);
        }
        Check.argument(width > 0, "width must be positive, but is %s", width);
        Check.argument(layers > 0, "layers must be positive, but is %s", layers);
        Check.argument(heads > 0 && width % heads == 0, "heads must divide the width %s, but is %s", width, heads);
        Check.argument(hidden > 0, "hidden must be positive, but is %s", hidden);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
    }

    /** Sizes of a BERT itself. */
    public BertConfig(
            int vocabulary, int positions, int types, int width, int layers, int heads, int hidden, double normEps) {
        this(vocabulary, positions, types, width, layers, heads, hidden, normEps, BertFamily.BERT);
    }

    /** BERT-base, uncased: 12 blocks of width 768, 110 million parameters. */
    public static BertConfig base() {
        return new BertConfig(30522, 512, 2, 768, 12, 12, 3072, 1e-12);
    }

    /** MiniLM-L6: 6 blocks of width 384, 22.6 million parameters. */
    public static BertConfig miniLm() {
        return new BertConfig(30522, 512, 2, 384, 6, 12, 1536, 1e-12);
    }

    /** RoBERTa-base: 12 blocks of width 768, 125 million parameters, texts of at most 512 tokens. */
    public static BertConfig robertaBase() {
        return new BertConfig(50265, 514, 1, 768, 12, 12, 3072, 1e-5, BertFamily.ROBERTA);
    }

    /** DistilBERT-base, uncased: 6 blocks of width 768, 66 million parameters. */
    public static BertConfig distilBertBase() {
        return new BertConfig(30522, 512, 0, 768, 6, 12, 3072, 1e-12, BertFamily.DISTILBERT);
    }

    /** The longest text, special tokens included. */
    public int maxTokens() {
        return positions - family.firstPosition();
    }

    /**
     * Reads sizes of BERT, RoBERTa or DistilBERT as Hugging Face's files have them.
     *
     * @throws IllegalArgumentException if one is missing, or it is another network
     */
    public static BertConfig of(HuggingFaceConfig config) {
        return BertConfigFile.read(config);
    }
}
