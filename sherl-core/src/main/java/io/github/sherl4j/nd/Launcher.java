package io.github.sherl4j.nd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Launches ND4J's native operations with contexts that are kept from round to round. ND4J makes a native context for
 * every operation and leaves it to the garbage collector, which in a training loop is a leak of a kilobyte each. Here
 * the n-th launch of a round takes the context of the n-th launch of the last one; when it is the same operation on the
 * same arrays, which is every launch of a warm step at one shape, nothing but the native call remains.
 */
final class Launcher {
    private static final class Call {
        final String name;
        final long[] integers;
        final double[] reals;
        final DynamicCustomOp op;
        final OpContext context = Nd4j.getExecutioner().buildContext();
        INDArray[] arrays = {};

        Call(String name, long[] integers, double[] reals) {
            this.name = name;
            this.integers = integers;
            this.reals = reals;
            this.op = DynamicCustomOp.builder(name).build();
            context.setIArguments(integers);
            context.setTArguments(reals);
        }

        boolean is(String otherName, long[] otherIntegers, double[] otherReals) {
            return name.equals(otherName) && Arrays.equals(integers, otherIntegers) && Arrays.equals(reals, otherReals);
        }

        /** Binds inputs and, last, the output. Arrays are compared by identity: equal content is not enough. */
        void bind(INDArray[] next) {
            boolean same = arrays.length == next.length;
            for (int i = 0; same && i < next.length; i++) {
                same = arrays[i] == next[i];
            }
            if (same) {
                return;
            }
            context.purge();
            int inputs = next.length - 1;
            for (int i = 0; i < inputs; i++) {
                context.setInputArray(i, next[i]);
            }
            context.setOutputArray(0, next[inputs]);
            arrays = next;
        }
    }

    private final List<Call> calls = new ArrayList<>();
    private @Nullable OpProfile profile;
    private int next;

    /** Runs an operation on inputs and, last in {@code arrays}, its one output. */
    void launch(String name, long[] integers, double[] reals, INDArray... arrays) {
        Call call = next < calls.size() ? calls.get(next) : null;
        if (call == null) {
            call = new Call(name, integers, reals);
            calls.add(call);
        } else if (!call.is(name, integers, reals)) {
            call = new Call(name, integers, reals);
            calls.set(next, call);
        }
        next++;
        call.bind(arrays);
        long start = System.nanoTime();
        Nd4j.exec(call.op, call.context);
        if (profile != null) {
            profile.add(name, System.nanoTime() - start, arrays);
        }
    }

    /** Ends the round: the next launch is the first again. */
    void reset() {
        next = 0;
    }

    /** Measures each launch from now on, or stops measuring. */
    void profile(@Nullable OpProfile newProfile) {
        profile = newProfile;
    }

    @Nullable
    OpProfile profile() {
        return profile;
    }
}
