package io.github.sherl4j.nd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Views of arrays, kept from round to round like the arrays themselves: the n-th request gets the n-th view again. */
final class Views {
    private enum Kind {
        RESHAPE,
        HEADS,
        SWAP,
        PERMUTE,
        SLICES,
        FIRST_TOKEN,
        DIAGONAL,
        STRIDED
    }

    private static final class Slot {
        final INDArray base;
        final Kind kind;
        final long[] sizes;
        final INDArray view;

        Slot(INDArray base, Kind kind, long[] sizes, INDArray view) {
            this.base = base;
            this.kind = kind;
            this.sizes = sizes;
            this.view = view;
        }

        boolean is(INDArray otherBase, Kind otherKind, long[] otherSizes) {
            return base == otherBase && kind == otherKind && Arrays.equals(sizes, otherSizes);
        }
    }

    private final List<Slot> slots = new ArrayList<>();
    private int next;

    INDArray reshape(INDArray base, long... shape) {
        return Arrays.equals(base.shape(), shape)
                ? base
                : kept(base, Kind.RESHAPE, shape, () -> base.reshape('c', true, shape));
    }

    /** [batch, tokens, heads * size] as [batch, heads, tokens, size]. */
    INDArray heads(INDArray base, long batch, long tokens, long heads) {
        return kept(
                base,
                Kind.HEADS,
                new long[] {batch, tokens, heads},
                () -> base.reshape('c', true, batch, tokens, heads, base.length() / (batch * tokens * heads))
                        .permute(0, 2, 1, 3));
    }

    /** [a, b, c] as [b, a, c]. */
    INDArray swapFirstTwo(INDArray base) {
        return kept(base, Kind.SWAP, new long[0], () -> base.permute(1, 0, 2));
    }

    /** Dimensions in another order. */
    INDArray permute(INDArray base, int... order) {
        long[] sizes = new long[order.length];
        Arrays.setAll(sizes, i -> order[i]);
        return kept(base, Kind.PERMUTE, sizes, () -> base.permute(order));
    }

    /** Rows {@code from} (inclusive) to {@code to} (exclusive) of the first dimension. */
    INDArray slices(INDArray base, long from, long to) {
        return from == 0 && to == base.size(0)
                ? base
                : kept(base, Kind.SLICES, new long[] {from, to}, () -> {
                    long[] shape = base.shape().clone();
                    shape[0] = to - from;
                    return part(base, from * base.stride(0), shape, base.stride());
                });
    }

    /** [batch, tokens, width] at token 0: [batch, width]. */
    INDArray firstToken(INDArray base) {
        return kept(
                base,
                Kind.FIRST_TOKEN,
                new long[0],
                () -> part(
                        base, 0, new long[] {base.size(0), base.size(2)}, new long[] {base.stride(0), base.stride(2)}));
    }

    /** The diagonal of [size, size]: [size]. */
    INDArray diagonal(INDArray base) {
        return kept(
                base,
                Kind.DIAGONAL,
                new long[0],
                () -> part(base, 0, new long[] {base.size(0)}, new long[] {base.stride(0) + base.stride(1)}));
    }

    /** Any other view: from an offset into the array, with strides in numbers. */
    INDArray strided(INDArray base, long offset, long[] shape, long[] strides) {
        long[] sizes = new long[1 + 2 * shape.length];
        sizes[0] = offset;
        System.arraycopy(shape, 0, sizes, 1, shape.length);
        System.arraycopy(strides, 0, sizes, 1 + shape.length, strides.length);
        return kept(base, Kind.STRIDED, sizes, () -> part(base, offset, shape.clone(), strides.clone()));
    }

    void reset() {
        next = 0;
    }

    void clear() {
        slots.clear();
        next = 0;
    }

    /** Made by hand, since {@code INDArray.get} on an array that is itself a view may return an empty one. */
    private static INDArray part(INDArray base, long start, long[] shape, long[] strides) {
        return Nd4j.create(base.data(), shape, strides, base.offset() + start, 'c', base.dataType());
    }

    private INDArray kept(INDArray base, Kind kind, long[] sizes, Supplier<INDArray> make) {
        Slot last = next < slots.size() ? slots.get(next) : null;
        if (last != null && last.is(base, kind, sizes)) {
            next++;
            return last.view;
        }
        Slot slot = new Slot(base, kind, sizes, make.get());
        if (last == null) {
            slots.add(slot);
        } else {
            slots.set(next, slot);
        }
        next++;
        return slot.view;
    }
}
