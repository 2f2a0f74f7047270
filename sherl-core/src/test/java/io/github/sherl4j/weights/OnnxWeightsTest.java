package io.github.sherl4j.weights;

import static io.github.sherl4j.weights.OnnxModels.MATRIX;
import static io.github.sherl4j.weights.OnnxModels.matrix;
import static io.github.sherl4j.weights.OnnxModels.model;
import static io.github.sherl4j.weights.OnnxModels.node;
import static io.github.sherl4j.weights.OnnxModels.read;
import static io.github.sherl4j.weights.OnnxModels.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import onnx.Onnx.GraphProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OnnxWeightsTest {

    @TempDir
    Path folder;

    @Test
    void namesAnonymousMatrixAfterItsProductAndTurnsIt() throws IOException {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addInitializer(tensor("layer.0.query.bias", TensorProto.DataType.FLOAT, 1)
                        .addFloatData(0))
                .addInitializer(matrix("onnx::MatMul_787"))
                .addInitializer(matrix("projection"))
                .addNode(node("/layer.0/query/MatMul", "MatMul", "hidden", "onnx::MatMul_787"))
                .addNode(node("/other/MatMul", "MatMul", "hidden", "projection"));
        try (OnnxWeights weights = read(model(graph))) {
            assertThat(weights.names()).containsExactly("layer.0.query.bias", "layer.0.query.weight", "projection");
            assertThat(weights.shape("layer.0.query.weight")).containsExactly(3, 2);
            INDArray turned = weights.read("layer.0.query.weight", DataType.DOUBLE);
            assertThat(turned).isEqualTo(MATRIX.transpose().castTo(DataType.DOUBLE));
            assertThat(turned.ordering()).isEqualTo('c');
            assertThat(weights.shape("projection")).containsExactly(2, 3);
            assertThat(weights.read("projection", DataType.FLOAT)).isEqualTo(MATRIX);
            INDArray target = Nd4j.zeros(3, 2);
            weights.readInto("layer.0.query.weight", target);
            assertThat(target).isEqualTo(MATRIX.transpose());
        }
    }

    @Test
    void leavesAnonymousTensorsThatNoProductNames() throws IOException {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addInitializer(matrix("onnx::MatMul_1"))
                .addInitializer(matrix("onnx::MatMul_2"))
                .addInitializer(matrix("onnx::MatMul_3"))
                .addInitializer(
                        tensor("onnx::MatMul_4", TensorProto.DataType.FLOAT, 1).addFloatData(1))
                .addNode(node("/first/MatMul", "MatMul", "onnx::MatMul_1", "x"))
                .addNode(node("MatMul_17", "MatMul", "x", "onnx::MatMul_2"))
                .addNode(node("/gemm/Gemm", "Gemm", "x", "onnx::MatMul_3"))
                .addNode(node("/vector/MatMul", "MatMul", "x", "onnx::MatMul_4"));
        try (OnnxWeights weights = read(model(graph))) {
            assertThat(weights.names())
                    .containsExactly("onnx::MatMul_1", "onnx::MatMul_2", "onnx::MatMul_3", "onnx::MatMul_4");
            assertThat(weights.shape("onnx::MatMul_1")).containsExactly(2, 3);
        }
    }

    @Test
    void givesSharedMatrixEveryNameAndAmbiguousOnesNone() throws IOException {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addInitializer(matrix("onnx::MatMul_1"))
                .addInitializer(matrix("onnx::MatMul_2"))
                .addInitializer(matrix("onnx::MatMul_3"))
                .addInitializer(matrix("onnx::MatMul_4"))
                .addInitializer(matrix("taken.weight"))
                .addNode(node("/a/MatMul", "MatMul", "x", "onnx::MatMul_1"))
                .addNode(node("/b/MatMul", "MatMul", "x", "onnx::MatMul_1"))
                .addNode(node("/c/MatMul", "MatMul", "x", "onnx::MatMul_2"))
                .addNode(node("/c/MatMul_1", "MatMul", "x", "onnx::MatMul_3"))
                .addNode(node("/taken/MatMul", "MatMul", "x", "onnx::MatMul_4"));
        try (OnnxWeights weights = read(model(graph))) {
            assertThat(weights.names())
                    .containsExactly(
                            "a.weight",
                            "b.weight",
                            "onnx::MatMul_2",
                            "onnx::MatMul_3",
                            "onnx::MatMul_4",
                            "taken.weight");
            assertThat(weights.read("b.weight", DataType.FLOAT)).isEqualTo(MATRIX.transpose());
        }
    }

    @Test
    void refusesTwoTensorsOfOneName() {
        assertThatThrownBy(() -> read(matrix("w"), matrix("w")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tiny.onnx: holds two tensors of the name 'w'");
    }

    @Test
    void offersNearestNamesAndRefusesToReadAfterClose() throws IOException {
        OnnxWeights weights = read(matrix("weight"));
        assertThat(weights.origin()).isEqualTo("tiny.onnx");
        assertThatThrownBy(() -> weights.shape("weigth"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tiny.onnx: holds no tensor 'weigth'; nearest: 'weight'");
        weights.close();
        weights.close();
        assertThatThrownBy(() -> weights.read("weight", DataType.FLOAT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tiny.onnx: is closed");
    }

    @Test
    void keepsNoMemoryButTheArrayThatItReturns() throws IOException {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addInitializer(matrix("onnx::MatMul_1"))
                .addNode(node("/a/MatMul", "MatMul", "x", "onnx::MatMul_1"));
        try (OnnxWeights weights = read(model(graph))) {
            long before = Nd4j.getEnvironment().getDeviceCouner(0);
            INDArray turned = weights.read("a.weight", DataType.DOUBLE);
            assertThat(Nd4j.getEnvironment().getDeviceCouner(0) - before).isLessThanOrEqualTo(48);
            turned.close();
            assertThat(Nd4j.getEnvironment().getDeviceCouner(0)).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void opensFileAndTellsWhatIsWrongWithOthers() throws IOException {
        byte[] model = model(GraphProto.newBuilder().addInitializer(matrix("w")));
        Path file = Files.write(folder.resolve("model.onnx"), model);
        try (OnnxWeights weights = OnnxWeights.open(file)) {
            assertThat(weights.origin()).isEqualTo(file.toString());
            assertThat(weights.read("w", DataType.FLOAT)).isEqualTo(MATRIX);
        }
        assertRefused(
                Arrays.copyOf(model, model.length - 5), "is cut short or damaged, it begins as an ONNX model does");
        assertRefused("<!DOCTYPE html>".getBytes(StandardCharsets.US_ASCII), "is no ONNX model");
        assertRefused(new byte[] {'P', 'K', 3, 4, 20, 0}, "is no ONNX model");
        assertRefused(new byte[0], "is empty, expected an ONNX model");
        assertRefused(model(GraphProto.newBuilder()), "holds no weights, the model's graph has no initializer");
        assertThatThrownBy(() -> OnnxWeights.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is a folder, expected an ONNX file");
        assertThatThrownBy(() -> OnnxWeights.open(folder.resolve("none.onnx")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("none.onnx: no such file, expected an ONNX file");
    }

    @Test
    void passesOnFailureOfTheStream() {
        byte[] model = model(GraphProto.newBuilder().addInitializer(matrix("w")));
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("network is gone");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return read();
            }
        };
        InputStream stream = new SequenceInputStream(new ByteArrayInputStream(model, 0, 10), failing);
        assertThatThrownBy(() -> OnnxWeights.read(stream, "remote.onnx"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("network is gone");
    }

    private static void assertRefused(byte[] content, String message) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tiny.onnx: " + message);
    }
}
