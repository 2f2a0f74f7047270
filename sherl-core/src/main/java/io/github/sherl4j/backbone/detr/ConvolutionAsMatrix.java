package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.weights.WeightSource;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A 1 x 1 convolution [out, in, 1, 1] under its name as a matrix [out, in]. */
record ConvolutionAsMatrix(WeightSource source, String name) implements WeightSource {
    @Override
    public String origin() {
        return source.origin();
    }

    @Override
    public Set<String> names() {
        return source.names();
    }

    @Override
    public long[] shape(String tensor) {
        long[] shape = source.shape(tensor);
        return tensor.equals(name) && shape.length == 4 && shape[2] == 1 && shape[3] == 1
                ? new long[] {shape[0], shape[1]}
                : shape;
    }

    @Override
    public DataType type(String tensor) {
        return source.type(tensor);
    }

    @Override
    public INDArray read(String tensor, DataType as) {
        INDArray array = source.read(tensor, as);
        if (!tensor.equals(name) || array.rank() == 2) {
            return array;
        }
        try (array) {
            INDArray matrix = Nd4j.createUninitialized(as, array.size(0), array.size(1));
            matrix.assign(array.reshape('c', array.size(0), array.size(1)));
            return matrix;
        }
    }

    @Override
    public void close() {
        // The source belongs to whoever opened it.
    }
}
