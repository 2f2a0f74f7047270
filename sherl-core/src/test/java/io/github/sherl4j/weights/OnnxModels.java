package io.github.sherl4j.weights;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Tiny ONNX models, made with the classes that read them. */
final class OnnxModels {

    static final INDArray MATRIX = Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}});

    private OnnxModels() {}

    static TensorProto.Builder tensor(String name, TensorProto.DataType type, long... shape) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
        Arrays.stream(shape).forEach(tensor::addDims);
        return tensor;
    }

    /** A matrix [2, 3] that counts from 1. */
    static TensorProto.Builder matrix(String name) {
        return tensor(name, TensorProto.DataType.FLOAT, 2, 3).addAllFloatData(List.of(1f, 2f, 3f, 4f, 5f, 6f));
    }

    static NodeProto.Builder node(String name, String operation, String... inputs) {
        return NodeProto.newBuilder().setName(name).setOpType(operation).addAllInput(List.of(inputs));
    }

    static byte[] model(GraphProto.Builder graph) {
        return ModelProto.newBuilder().setIrVersion(7).setGraph(graph).build().toByteArray();
    }

    static OnnxWeights read(byte[] model) throws IOException {
        return OnnxWeights.read(new ByteArrayInputStream(model), "tiny.onnx");
    }

    static OnnxWeights read(TensorProto.Builder... tensors) throws IOException {
        GraphProto.Builder graph = GraphProto.newBuilder();
        Stream.of(tensors).forEach(graph::addInitializer);
        return read(model(graph));
    }
}
