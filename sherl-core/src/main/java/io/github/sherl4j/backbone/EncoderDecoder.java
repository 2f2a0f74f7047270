package io.github.sherl4j.backbone;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Source;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A pre-trained network of two chains: an encoder, whose last state behind a norm is the memory, and a decoder, whose blocks read
 * that memory by cross-attention from their context's {@link Source}. Each chain is a {@link Backbone} in its own right, so that
 * whatever taps, cuts and trains a chain does so with both. Closing the network frees the weights of both; closing a chain does
 * nothing.
 *
 * @param <B> a batch of its inputs, of both sides
 */
public interface EncoderDecoder<B> extends AutoCloseable {
    /** From the inputs to the encoder's states. */
    Backbone<B> encoder();

    /** From the decoder's inputs to its states; its blocks need a context with a source. */
    Backbone<B> decoder();

    /** The norm behind the encoder's last state: what comes out is the memory. It keeps the shape. */
    Layer encoderNorm();

    /** The norm behind the decoder's last state. It keeps the shape. */
    Layer decoderNorm();

    /** A copy of {@link #encoderNorm} with parameters of its own, owned by the caller. */
    Layer newEncoderNorm();

    /** A copy of {@link #decoderNorm} with parameters of its own, owned by the caller. */
    Layer newDecoderNorm();

    /**
     * A memory as the decoder's blocks read it.
     *
     * @param encoderContext that of the batch, whose mask hides padding
     * @param memory the encoder's states behind a norm
     * @param gradMemory where the gradient is added; null if nobody asks for it
     */
    Source source(Context encoderContext, INDArray memory, @Nullable INDArray gradMemory);

    /** Type of weights and states. */
    default DataType type() {
        return encoder().type();
    }

    /** A digest of sizes and weights as they were loaded: equal for equal checkpoints only. */
    String fingerprint();

    /** Frees the weights. */
    @Override
    void close();
}
