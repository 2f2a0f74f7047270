package io.github.sherl4j.nd;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution in groups: the g-th part of the input's channels makes the g-th part of the result's. The native operation
 * knows no groups and is slow on few channels, so neighbouring narrow groups go together as one convolution whose weights are
 * zero between groups. Only one such part of input and result is in scratch memory at a time.
 *
 * @param window kernel, stride and padding
 * @param groups a divisor of both numbers of channels
 */
public record GroupedConvolution(Convolution window, int groups) {
    /** Fewer channels than this do not fill the native operation's vectors. */
    private static final long NARROW = 32;

    /** Checks the number. */
    public GroupedConvolution {
        Check.argument(groups > 0, "groups must be positive, but is %s", groups);
    }

    /**
     * {@code result = W * x + bias}, group by group.
     *
     * @param x [batch, height, width, in] in C order, not modified
     * @param weight [out, in / groups, kernel height, kernel width], not modified
     * @param bias [out], not modified; null for none
     * @param result [batch, rows, columns, out], overwritten; not x
     */
    public void forward(Memory memory, INDArray x, INDArray weight, @Nullable INDArray bias, INDArray result) {
        Ops ops = memory.ops();
        for (long part = 0; part < parts(weight); part++) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray from = copied(memory, x, part, parts(weight));
                INDArray into = channels(memory, result, part, parts(weight));
                INDArray partResult = memory.scratch().array(into.shape());
                INDArray partBias = bias == null ? null : slice(memory, bias, part, parts(weight));
                window.forward(memory, from, dense(memory, weight, part), partBias, partResult);
                ops.copy(partResult, into);
            }
        }
    }

    /**
     * The gradient with respect to the input.
     *
     * @param gradOutput [batch, rows, columns, out] in C order, not modified
     * @param weight [out, in / groups, kernel height, kernel width], not modified
     * @param gradInput [batch, height, width, in] in C order, overwritten
     */
    public void inputGradient(Memory memory, INDArray gradOutput, INDArray weight, INDArray gradInput) {
        for (long part = 0; part < parts(weight); part++) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray from = copied(memory, gradOutput, part, parts(weight));
                INDArray into = channels(memory, gradInput, part, parts(weight));
                INDArray partGradient = memory.scratch().array(into.shape());
                window.inputGradient(memory, from, dense(memory, weight, part), partGradient);
                memory.ops().copy(partGradient, into);
            }
        }
    }

    /**
     * Adds the gradient with respect to the weights.
     *
     * @param x [batch, height, width, in] in C order, not modified
     * @param gradOutput [batch, rows, columns, out] in C order, not modified
     * @param gradWeight [out, in / groups, kernel height, kernel width] in C order, added to
     */
    public void weightGradient(Memory memory, INDArray x, INDArray gradOutput, INDArray gradWeight) {
        Ops ops = memory.ops();
        long merged = merged(gradWeight);
        for (long part = 0; part < parts(gradWeight); part++) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray partX = copied(memory, x, part, parts(gradWeight));
                INDArray partGradient = copied(memory, gradOutput, part, parts(gradWeight));
                INDArray target = slice(memory, gradWeight, part, parts(gradWeight));
                if (merged == 1) {
                    window.weightGradient(memory, partX, partGradient, target);
                } else {
                    INDArray all = zeros(memory, target, merged);
                    window.weightGradient(memory, partX, partGradient, all);
                    INDArray diagonal = diagonal(memory, all, merged);
                    INDArray own = memory.reshape(target, diagonal.shape());
                    ops.add(own, diagonal, own);
                }
            }
        }
    }

    /** How many groups go together: as few as fill the vectors. */
    private long merged(INDArray weight) {
        long merged = 1;
        while (merged < groups && (groups % merged != 0 || merged * weight.size(1) < NARROW)) {
            merged++;
        }
        return merged;
    }

    private long parts(INDArray weight) {
        return groups / merged(weight);
    }

    /** A part's weights, with zeros from each of its groups to the others: [out / parts, in / parts, height, width]. */
    private INDArray dense(Memory memory, INDArray weight, long part) {
        INDArray own = slice(memory, weight, part, parts(weight));
        long merged = merged(weight);
        if (merged == 1) {
            return own;
        }
        INDArray dense = zeros(memory, own, merged);
        INDArray diagonal = diagonal(memory, dense, merged);
        memory.ops().copy(memory.reshape(own, diagonal.shape()), diagonal);
        return dense;
    }

    private INDArray zeros(Memory memory, INDArray own, long merged) {
        INDArray dense = memory.scratch().array(own.size(0), own.size(1) * merged, own.size(2), own.size(3));
        memory.ops().zero(dense);
        return dense;
    }

    /** The groups' own blocks of dense weights: [merged, out of a group, in of a group * kernel]. */
    private static INDArray diagonal(Memory memory, INDArray dense, long merged) {
        long row = dense.length() / dense.size(0);
        long out = dense.size(0) / merged;
        return memory.view(
                dense, 0, new long[] {merged, out, row / merged}, new long[] {out * row + row / merged, row, 1});
    }

    private static INDArray slice(Memory memory, INDArray array, long part, long parts) {
        long size = array.size(0) / parts;
        return memory.slices(array, part * size, (part + 1) * size);
    }

    private static INDArray copied(Memory memory, INDArray array, long part, long parts) {
        INDArray view = channels(memory, array, part, parts);
        INDArray copy = memory.scratch().array(view.shape());
        memory.ops().copy(view, copy);
        return copy;
    }

    /** A part of the channels of [batch, height, width, channels]. */
    private static INDArray channels(Memory memory, INDArray array, long part, long parts) {
        long channels = array.size(3);
        long size = channels / parts;
        long row = array.size(2) * channels;
        return memory.view(
                array, part * size, new long[] {array.size(0), array.size(1), array.size(2), size}, new long[] {
                    array.size(1) * row, row, channels, 1
                });
    }
}
