package io.github.sherl4j;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Native arrays of chosen numbers, and the numbers of native arrays. */
public final class TestArrays {
    private TestArrays() {}

    /** A new array of numbers in C order. */
    public static INDArray of(DataType type, double[] numbers, long... shape) {
        INDArray array = Nd4j.createUninitialized(type, shape);
        if (array.length() != numbers.length) {
            throw new IllegalArgumentException(array.shapeInfoToString() + " does not hold " + numbers.length);
        }
        set(array, numbers);
        return array;
    }

    /** Normally distributed numbers. */
    public static double[] normal(int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] numbers = new double[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = random.nextGaussian();
        }
        return numbers;
    }

    /** A new array of normally distributed numbers. */
    public static INDArray normal(DataType type, long seed, long... shape) {
        INDArray array = Nd4j.createUninitialized(type, shape);
        set(array, normal((int) array.length(), seed));
        return array;
    }

    /** A new array whose numbers are NaN, so that what is not overwritten is seen. */
    public static INDArray blank(DataType type, long... shape) {
        INDArray array = Nd4j.createUninitialized(type, shape);
        fill(array, Double.NaN);
        return array;
    }

    /**
     * All numbers in C order, whatever the strides. A float becomes the double of the same value, so that equality of two
     * results is equality of bits.
     */
    public static double[] numbers(INDArray array) {
        long[] shape = array.shape();
        double[] numbers = new double[(int) array.length()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.getDouble(place(i, shape));
        }
        return numbers;
    }

    /** Overwrites with numbers in C order, whatever the strides. */
    public static void set(INDArray array, double[] numbers) {
        long[] shape = array.shape();
        for (int i = 0; i < numbers.length; i++) {
            array.putScalar(place(i, shape), numbers[i]);
        }
    }

    public static void set(INDArray array, int index, double number) {
        array.putScalar(place(index, array.shape()), number);
    }

    public static void fill(INDArray array, double number) {
        long[] shape = array.shape();
        for (int i = 0; i < array.length(); i++) {
            array.putScalar(place(i, shape), number);
        }
    }

    /** A function of each number. */
    public static double[] each(double[] numbers, DoubleUnaryOperator function) {
        double[] results = new double[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            results[i] = function.applyAsDouble(numbers[i]);
        }
        return results;
    }

    /** The largest difference between two results of the same length. */
    public static double difference(double[] a, double[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(a.length + " numbers against " + b.length);
        }
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = Math.abs(a[i] - b[i]);
            largest = difference <= largest ? largest : difference; // keeps a NaN
        }
        return largest;
    }

    private static long[] place(long index, long[] shape) {
        long[] place = new long[shape.length];
        long rest = index;
        for (int i = shape.length - 1; i >= 0; i--) {
            place[i] = rest % shape[i];
            rest /= shape[i];
        }
        return place;
    }
}
