package io.github.sherl4j.backbone;

import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenBatch;

/** A backbone that reads text: states are [batch, tokens, width]. */
public interface TextBackbone extends Backbone<TokenBatch> {
    /**
     * The tokenizer that belongs to the weights, owned by the backbone.
     *
     * @throws IllegalStateException if there is none
     */
    TextTokenizer tokenizer();

    /** The longest sequence, special tokens included. */
    int maxTokens();
}
