package io.github.sherl4j.route;

import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.head.VocabularyHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import java.util.List;
import java.util.Map;

/** A route through an encoder-decoder for texts, whose result is the decoder's last state behind a norm. */
public interface SequenceRoute extends Route<SequenceBatch> {
    /**
     * Runs the encoder and starts sequences.
     *
     * @param batch targets are not looked at
     * @param context the encoder's, in whose memory all that the sequences need is kept
     * @param maxTokens the most tokens that a sequence will have
     */
    Decoding decoding(SequenceBatch batch, Context context, long maxTokens);

    /** From the route's result to logits. */
    VocabularyHead head();

    /** The parameters that learn, {@link #trainable} and those of the head, by what their names in files begin with. */
    default Map<String, List<Parameter>> named() {
        return Map.of("", trainable());
    }
}
