package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.nd.OpProfile;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Barlow Twins' loss (Zbontar et al. 2021, equations 1 and 2) with its gradients, on plain arrays: usable with any network.
 *
 * <p>Each column of both embeddings is standardised over the batch with its biased variance, as by a batch norm without
 * affine parameters; with c the cross-correlation matrix of the standardised embeddings,
 *
 * <pre>
 * loss = scale * (sum_i (c_ii - 1)^2 + lambda * sum_{i != j} c_ij^2)
 * </pre>
 *
 * <p>Of two exact {@linkplain LossForm forms} it takes the cheaper one, unless the options say otherwise. All memory is kept
 * from one call to the next, and a call at the shape of the last one allocates nothing. One thread at a time may use it.
 *
 * <p>A constant column counts as correlated with nothing: its c_ii is 0, and its gradient is finite. A width of 1 has no
 * off-diagonal terms.
 *
 * <pre>
 * try (var loss = new BarlowTwinsLoss(LossOptions.defaults())) {
 *     LossResult result = loss.of(z1, z2);
 *     result.value();      // and result.gradient1(), result.gradient2(), until the next call
 * }
 * </pre>
 */
public final class BarlowTwinsLoss implements AutoCloseable {
    private final LossOptions options;
    private @Nullable Memory memory;
    private @Nullable Direct direct;
    private @Nullable OpProfile profile;

    /** What {@link LossForm#CORRELATION} keeps from call to call. */
    private record Direct(CrossMoments moments, Correlation correlation) {
        Direct(CrossMoments moments, LossOptions options) {
            this(moments, new Correlation(moments, options));
        }
    }

    /** A loss that has no memory yet. */
    public BarlowTwinsLoss(LossOptions options) {
        NativeMemory.initialize();
        this.options = options;
    }

    /**
     * Value and gradients, the latter in arrays that belong to this loss and are valid until its next call.
     *
     * @param z1 embeddings of view 1, [batch, width] with a batch of at least 2, FLOAT or DOUBLE, not modified
     * @param z2 embeddings of view 2, in the same shape and type, not modified
     * @throws IllegalArgumentException if shapes or types do not fit, or a number is not finite; nothing is changed then
     */
    public LossResult of(INDArray z1, INDArray z2) {
        check(z1, z2);
        Memory own = start(z1);
        INDArray gradient1 = own.step().array(z1.shape());
        INDArray gradient2 = own.step().array(z2.shape());
        return compute(own, z1, z2, gradient1, gradient2);
    }

    /**
     * Value and gradients, the latter in arrays of the caller.
     *
     * @param z1 as for {@link #of(INDArray, INDArray)}
     * @param z2 as for {@link #of(INDArray, INDArray)}
     * @param gradient1 [batch, width], overwritten; must not overlap another argument
     * @param gradient2 [batch, width], overwritten; must not overlap another argument
     * @throws IllegalArgumentException if shapes or types do not fit, or a number is not finite; nothing is changed then
     */
    public LossResult of(INDArray z1, INDArray z2, INDArray gradient1, INDArray gradient2) {
        check(z1, z2);
        Embeddings.checkResult("gradient1", gradient1, z1);
        Embeddings.checkResult("gradient2", gradient2, z2);
        return compute(start(z1), z1, z2, gradient1, gradient2);
    }

    /**
     * The same loss and gradients for a batch that comes in parts, in memory of their own.
     *
     * @param batch rows of all parts, at least 2
     * @param width of the embeddings
     * @param type FLOAT or DOUBLE
     * @return to be closed by the caller
     */
    public MicroBatches parts(long batch, long width, DataType type) {
        return new MicroBatches(options, batch, width, type);
    }

    /** Native bytes held now, the gradients of {@link #of(INDArray, INDArray)} among them. */
    public long bytes() {
        return (memory == null ? 0 : memory.bytes()) + (direct == null ? 0 : direct.moments.bytes());
    }

    /** Measures every operation from now on, or stops measuring if null. */
    public void profile(@Nullable OpProfile newProfile) {
        profile = newProfile;
        if (memory != null) {
            memory.ops().profile(profile);
        }
        if (direct != null) {
            direct.moments.memory().ops().profile(profile);
        }
    }

    private static void check(INDArray z1, INDArray z2) {
        Embeddings.check(z1, z2);
        Embeddings.checkBatch(z1.size(0));
    }

    private LossResult compute(Memory own, INDArray z1, INDArray z2, INDArray gradient1, INDArray gradient2) {
        LossForm form = options.form().of(z1.size(0), z1.size(1));
        LossValue value = form == LossForm.GRAM
                ? new GramLoss(own, options).compute(z1, z2, gradient1, gradient2)
                : correlate(z1, z2, gradient1, gradient2);
        return new LossResult(value, new LossGradients(gradient1, gradient2));
    }

    private LossValue correlate(INDArray z1, INDArray z2, INDArray gradient1, INDArray gradient2) {
        if (direct == null || direct.moments.width() != z1.size(1)) {
            closeDirect();
            direct = new Direct(new CrossMoments(z1.dataType(), z1.size(1)), options);
            direct.moments.memory().ops().profile(profile);
        }
        direct.moments.clear();
        direct.moments.add(z1, z2);
        LossValue value = direct.correlation.renew();
        direct.correlation.gradients(z1, z2, gradient1, gradient2);
        return value;
    }

    /** Memory of the embeddings' type, in a new round. */
    private Memory start(INDArray z1) {
        if (memory == null || memory.type() != z1.dataType()) {
            close();
            memory = new Memory(z1.dataType());
            memory.ops().profile(profile);
        }
        memory.reset();
        return memory;
    }

    private void closeDirect() {
        if (direct != null) {
            direct.correlation.close();
            direct.moments.close();
            direct = null;
        }
    }

    /** Frees all memory. The loss can be used again. */
    @Override
    public void close() {
        closeDirect();
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }
}
