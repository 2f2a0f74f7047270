package io.github.sherl4j.nd;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays that live as long as a model. ND4J's own {@code assign} leaves a native scalar behind for the garbage collector; these
 * leave nothing, so that counts of native bytes are exact.
 */
public final class NativeArrays {
    private NativeArrays() {}

    /** A new array of one value, in C order, owned by the caller. */
    public static INDArray filled(DataType type, double value, long... shape) {
        INDArray array = Nd4j.createUninitialized(type, shape);
        fill(array, value);
        return array;
    }

    /** Sets all numbers of an array. */
    public static void fill(INDArray array, double value) {
        ScalarSet set = new ScalarSet(array, value);
        Nd4j.exec(set);
        set.scalar().close();
    }

    /** Multiplies all numbers of an array. */
    public static void scale(INDArray array, double factor) {
        ScalarMultiplication multiplication = new ScalarMultiplication(array, null, array, factor);
        Nd4j.exec(multiplication);
        multiplication.scalar().close();
    }

    /** Copies into an array of the same shape. */
    public static void copy(INDArray from, INDArray to) {
        Nd4j.exec(DynamicCustomOp.builder("assign")
                .addInputs(to, from)
                .addOutputs(to)
                .build());
    }
}
