package io.github.sherl4j.backbone.bert;

import io.github.sherl4j.nd.Check;

/**
 * Sizes of a BERT network.
 *
 * @param vocabulary number of word pieces
 * @param positions longest sequence
 * @param types number of segment types
 * @param width length of a hidden state
 * @param layers number of transformer blocks
 * @param heads attention heads, a divisor of the width
 * @param hidden width of the feed-forward networks' inner states
 * @param normEps eps of the layer norms
 */
public record BertConfig(
        int vocabulary, int positions, int types, int width, int layers, int heads, int hidden, double normEps) {
    /** Checks the sizes. */
    public BertConfig {
        Check.argument(vocabulary > 0, "vocabulary must be positive, but is %s", vocabulary);
        Check.argument(positions > 0, "positions must be positive, but is %s", positions);
        Check.argument(types > 0, "types must be positive, but is %s", types);
        Check.argument(width > 0, "width must be positive, but is %s", width);
        Check.argument(layers > 0, "layers must be positive, but is %s", layers);
        Check.argument(heads > 0 && width % heads == 0, "heads must divide the width %s, but is %s", width, heads);
        Check.argument(hidden > 0, "hidden must be positive, but is %s", hidden);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
    }

    /** BERT-base, uncased: 12 blocks of width 768, 110 million parameters. */
    public static BertConfig base() {
        return new BertConfig(30522, 512, 2, 768, 12, 12, 3072, 1e-12);
    }

    /** MiniLM-L6: 6 blocks of width 384, 22.6 million parameters. */
    public static BertConfig miniLm() {
        return new BertConfig(30522, 512, 2, 384, 6, 12, 1536, 1e-12);
    }
}
