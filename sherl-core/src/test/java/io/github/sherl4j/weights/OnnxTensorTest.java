package io.github.sherl4j.weights;

import static io.github.sherl4j.weights.OnnxModels.MATRIX;
import static io.github.sherl4j.weights.OnnxModels.matrix;
import static io.github.sherl4j.weights.OnnxModels.read;
import static io.github.sherl4j.weights.OnnxModels.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.protobuf.ByteString;

class OnnxTensorTest {

    private static ByteString raw(ByteBuffer bytes) {
        return ByteString.copyFrom(bytes.flip());
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The values 1 and -2 in every type, in both of the places that the format has for them. */
    static Stream<Arguments> storages() {
        return Stream.of(
                Arguments.of(
                        DataType.FLOAT,
                        tensor("w", TensorProto.DataType.FLOAT, 2)
                                .addFloatData(1)
                                .addFloatData(-2)),
                Arguments.of(
                        DataType.DOUBLE,
                        tensor("w", TensorProto.DataType.DOUBLE, 2)
                                .addDoubleData(1)
                                .addDoubleData(-2)),
                Arguments.of(
                        DataType.INT64,
                        tensor("w", TensorProto.DataType.INT64, 2)
                                .addInt64Data(1)
                                .addInt64Data(-2)),
                Arguments.of(
                        DataType.INT32,
                        tensor("w", TensorProto.DataType.INT32, 2)
                                .addInt32Data(1)
                                .addInt32Data(-2)),
                Arguments.of(
                        DataType.FLOAT16,
                        tensor("w", TensorProto.DataType.FLOAT16, 2)
                                .addInt32Data(0x3c00)
                                .addInt32Data(0xc000)),
                Arguments.of(
                        DataType.FLOAT,
                        tensor("w", TensorProto.DataType.FLOAT, 2)
                                .setRawData(raw(buffer().putFloat(1).putFloat(-2)))),
                Arguments.of(
                        DataType.DOUBLE,
                        tensor("w", TensorProto.DataType.DOUBLE, 2)
                                .setRawData(raw(buffer().putDouble(1).putDouble(-2)))),
                Arguments.of(
                        DataType.INT64,
                        tensor("w", TensorProto.DataType.INT64, 2)
                                .setRawData(raw(buffer().putLong(1).putLong(-2)))),
                Arguments.of(
                        DataType.INT32,
                        tensor("w", TensorProto.DataType.INT32, 2)
                                .setRawData(raw(buffer().putInt(1).putInt(-2)))),
                Arguments.of(
                        DataType.FLOAT16,
                        tensor("w", TensorProto.DataType.FLOAT16, 2)
                                .setRawData(
                                        raw(buffer().putShort((short) 0x3c00).putShort((short) 0xc000)))));
    }

    @ParameterizedTest
    @MethodSource("storages")
    void readsEveryTypeFromBothPlaces(DataType type, TensorProto.Builder tensor) throws IOException {
        try (OnnxWeights weights = read(tensor)) {
            assertThat(weights.type("w")).isEqualTo(type);
            assertThat(weights.shape("w")).containsExactly(2);
            INDArray expected = Nd4j.createFromArray(1f, -2f);
            assertThat(weights.read("w", type)).isEqualTo(expected.castTo(type));
            assertThat(weights.read("w", DataType.FLOAT)).isEqualTo(expected);
            INDArray flat = Nd4j.zeros(DataType.DOUBLE, 3);
            weights.readInto("w", flat.get(NDArrayIndex.interval(1, 3)));
            assertThat(flat).isEqualTo(Nd4j.createFromArray(0.0, 1.0, -2.0));
        }
    }

    @Test
    void readsScalarsAndEmptyTensors() throws IOException {
        try (OnnxWeights weights = read(
                tensor("scalar", TensorProto.DataType.FLOAT).addFloatData(5),
                tensor("none", TensorProto.DataType.INT64, 0))) {
            assertThat(weights.shape("scalar")).isEmpty();
            assertThat(weights.read("scalar", DataType.FLOAT)).isEqualTo(Nd4j.scalar(5f));
            assertThat(weights.read("none", DataType.INT64).isEmpty()).isTrue();
        }
    }

    static Stream<Arguments> badTensors() {
        return Stream.of(
                Arguments.of(
                        tensor("w", TensorProto.DataType.FLOAT, 3).addFloatData(1),
                        "has shape [3] of FLOAT, expected 3 values, got 1"),
                Arguments.of(
                        tensor("w", TensorProto.DataType.INT64, 2).setRawData(raw(buffer().putLong(1))),
                        "expected 16 bytes, got 8"),
                Arguments.of(
                        tensor("w", TensorProto.DataType.FLOAT, -1), "has shape [-1], a dimension cannot be negative"),
                Arguments.of(
                        tensor("w", TensorProto.DataType.FLOAT, 1L << 40, 1L << 40),
                        "has a shape too large to count its bytes"),
                Arguments.of(
                        tensor("w", TensorProto.DataType.FLOAT, 2).setDataLocation(TensorProto.DataLocation.EXTERNAL),
                        "has its data in another file"),
                Arguments.of(
                        tensor("w", TensorProto.DataType.FLOAT, 2)
                                .addExternalData(
                                        StringStringEntryProto.newBuilder().setKey("location")),
                        "has its data in another file"));
    }

    @ParameterizedTest
    @MethodSource("badTensors")
    void refusesBadTensor(TensorProto.Builder tensor, String message) {
        assertThatThrownBy(() -> read(tensor))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("tiny.onnx: tensor 'w' ")
                .hasMessageContaining(message);
    }

    @Test
    void refusesOtherTypesOnlyWhenTheyAreRead() throws IOException {
        try (OnnxWeights weights = read(
                tensor("mask", TensorProto.DataType.BOOL, 2).addInt32Data(1).addInt32Data(0), matrix("w"))) {
            assertThat(weights.shape("mask")).containsExactly(2);
            assertThat(weights.read("w", DataType.FLOAT)).isEqualTo(MATRIX);
            assertThatThrownBy(() -> weights.read("mask", DataType.FLOAT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tiny.onnx: tensor 'mask' has type BOOL, known are FLOAT, FLOAT16, DOUBLE, INT64 and"
                            + " INT32");
        }
    }
}
