package io.github.sherl4j.route;

import io.github.sherl4j.nd.Memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sequences that grow token by token, whose earlier tokens are not computed again. */
@FunctionalInterface
public interface Decoding {
    /**
     * Computes the decoder's state of one more token of each sequence.
     *
     * @param ids [batch], INT32 or INT64: the tokens that came last
     * @param memory where to compute; it may be reset from one token to the next
     * @param result [batch, 1, width], behind the decoder's norm; overwritten
     */
    void next(INDArray ids, Memory memory, INDArray result);
}
