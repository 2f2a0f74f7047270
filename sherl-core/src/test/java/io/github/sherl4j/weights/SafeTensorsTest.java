package io.github.sherl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class SafeTensorsTest {

    @TempDir
    Path folder;

    static Stream<DataType> types() {
        return Stream.of(
                DataType.DOUBLE,
                DataType.FLOAT,
                DataType.FLOAT16,
                DataType.BFLOAT16,
                DataType.INT64,
                DataType.INT32,
                DataType.UINT8);
    }

    /** All values are whole and below 128, so every type holds them exactly. */
    private static INDArray counting(DataType type, long... shape) {
        return Nd4j.arange(120).castTo(type).reshape(shape);
    }

    @ParameterizedTest
    @MethodSource("types")
    void comesBackAsItWasWritten(DataType type) throws IOException {
        INDArray cube = counting(type, 4, 5, 6);
        Map<String, INDArray> arrays = Map.of(
                "cube", cube,
                "column", cube.get(NDArrayIndex.all(), NDArrayIndex.point(2), NDArrayIndex.interval(1, 4)),
                "permuted", cube.permute(2, 0, 1),
                "fortran", cube.dup('f'),
                "tail", cube.reshape(120).get(NDArrayIndex.interval(100, 120)),
                "scalar", Nd4j.scalar(type, 7),
                "one", Nd4j.scalar(type, 8).reshape(1, 1),
                "rows", Nd4j.create(type, 0, 3));
        Path file = folder.resolve("all.safetensors");
        SafeTensors.write(file, arrays, Map.of("type", type.name()));
        try (SafeTensors tensors = SafeTensors.open(file)) {
            assertThat(tensors.names()).containsExactlyInAnyOrderElementsOf(arrays.keySet());
            assertThat(tensors.metadata()).containsExactly(Map.entry("type", type.name()));
            arrays.forEach((name, array) -> {
                assertThat(tensors.type(name)).isEqualTo(type);
                assertThat(tensors.shape(name)).as(name).isEqualTo(array.shape());
                try (INDArray read = tensors.read(name, type)) {
                    assertThat(read).as(name).isEqualTo(array);
                    assertThat(read.ordering()).isEqualTo('c');
                }
            });
        }
        assertThat(cube).as("not modified").isEqualTo(counting(type, 4, 5, 6));
    }

    @ParameterizedTest
    @MethodSource("types")
    void readsAsAnyOtherType(DataType as) throws IOException {
        Map<String, INDArray> arrays = Map.of(
                "f32", counting(DataType.FLOAT, 12, 10),
                "f16", counting(DataType.FLOAT16, 12, 10),
                "bf16", counting(DataType.BFLOAT16, 12, 10),
                "i64", counting(DataType.INT64, 12, 10),
                "u8", counting(DataType.UINT8, 12, 10),
                "scalar", Nd4j.scalar(DataType.DOUBLE, 3),
                "none", Nd4j.create(DataType.INT32, 2, 0));
        Path file = folder.resolve("types.safetensors");
        SafeTensors.write(file, arrays, Map.of());
        try (SafeTensors tensors = SafeTensors.open(file)) {
            arrays.forEach((name, array) -> {
                try (INDArray read = tensors.read(name, as)) {
                    assertThat(read.dataType()).isEqualTo(as);
                    assertThat(read).as(name).isEqualTo(array.castTo(as));
                }
            });
        }
    }

    @Test
    void keepsEveryBitOfAFloat() throws IOException {
        float[] values = {0f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, 0.1f};
        Path file = folder.resolve("bits.safetensors");
        SafeTensors.write(file, Map.of("x", Nd4j.createFromArray(values)), Map.of());
        try (SafeTensors tensors = SafeTensors.open(file);
                INDArray read = tensors.read("x", DataType.FLOAT)) {
            assertThat(read.toFloatVector()).isEqualTo(values);
        }
    }

    @Test
    void readsIntoViewOfFlatVectorAndConverts() throws IOException {
        Path file = folder.resolve("view.safetensors");
        SafeTensors.write(file, Map.of("w", counting(DataType.DOUBLE, 10, 12), "s", Nd4j.scalar(5.0)), Map.of());
        INDArray flat = Nd4j.ones(DataType.FLOAT, 130);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            tensors.readInto("w", flat.get(NDArrayIndex.interval(4, 124)).reshape(10, 12));
            tensors.readInto("s", flat.get(NDArrayIndex.point(129)));
        }
        assertThat(flat.get(NDArrayIndex.interval(4, 124)).reshape(10, 12)).isEqualTo(counting(DataType.FLOAT, 10, 12));
        assertThat(flat.getFloat(129)).isEqualTo(5f);
        assertThat(flat.sumNumber().doubleValue()).isEqualTo(9 + 5 + 119 * 120 / 2.0);
    }

    @Test
    void refusesTargetOfAnotherShapeAndLeavesIt() throws IOException {
        Path file = folder.resolve("shape.safetensors");
        SafeTensors.write(file, Map.of("w", counting(DataType.FLOAT, 10, 12)), Map.of());
        INDArray target = Nd4j.ones(DataType.FLOAT, 12, 10);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            assertThatThrownBy(() -> tensors.readInto("w", target))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file + ": tensor 'w' has shape [10, 12], the array to read it into has [12, 10]");
            assertThatThrownBy(() -> tensors.read("w", DataType.BOOL))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("as: expected a numeric type, got BOOL");
        }
        assertThat(target).isEqualTo(Nd4j.ones(DataType.FLOAT, 12, 10));
    }

    @Test
    void offersNearestNamesForUnknownOne() throws IOException {
        Path file = folder.resolve("names.safetensors");
        SafeTensors.write(file, Map.of("encoder.weight", Nd4j.scalar(1f), "z", Nd4j.scalar(1f)), Map.of());
        try (SafeTensors tensors = SafeTensors.open(file)) {
            assertThatThrownBy(() -> tensors.read("encoder.weigth", DataType.FLOAT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file + ": holds no tensor 'encoder.weigth'; nearest: 'encoder.weight'");
            assertThatThrownBy(() -> tensors.names().remove("z")).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void refusesToReadAfterClose() throws IOException {
        Path file = folder.resolve("closed.safetensors");
        SafeTensors.write(file, Map.of("w", Nd4j.scalar(1f)), Map.of());
        SafeTensors tensors = SafeTensors.open(file);
        tensors.close();
        tensors.close();
        assertThatThrownBy(() -> tensors.read("w", DataType.FLOAT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(file + ": is closed");
    }

    @Test
    void tellsWhenFileIsCutWhileOpenAndKeepsNoMemory() throws IOException {
        Path file = folder.resolve("cut.safetensors");
        SafeTensors.write(file, Map.of("w", counting(DataType.FLOAT, 120)), Map.of());
        try (SafeTensors tensors = SafeTensors.open(file);
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 8);
            long before = nativeBytes();
            assertThatThrownBy(() -> tensors.read("w", DataType.FLOAT))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("within tensor 'w': it was cut since it was opened");
            assertThatThrownBy(() -> tensors.read("w", DataType.DOUBLE)).isInstanceOf(UncheckedIOException.class);
            assertThat(nativeBytes()).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void keepsNoMemoryButTheArrayThatItReturns() throws IOException {
        Path file = folder.resolve("memory.safetensors");
        INDArray array = counting(DataType.FLOAT, 12, 10);
        INDArray target = Nd4j.create(DataType.DOUBLE, 12, 10);
        long before = nativeBytes();
        SafeTensors.write(file, Map.of("w", array.transpose()), Map.of());
        assertThat(nativeBytes()).as("after writing").isLessThanOrEqualTo(before);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            INDArray same = tensors.read("w", DataType.FLOAT);
            assertThat(nativeBytes() - before).as("one array").isLessThanOrEqualTo(480);
            same.close();
            INDArray converted = tensors.read("w", DataType.DOUBLE);
            assertThat(nativeBytes() - before).as("one array").isLessThanOrEqualTo(960);
            converted.close();
            tensors.readInto("w", target.transpose());
            assertThat(nativeBytes()).as("after reading").isLessThanOrEqualTo(before);
        }
    }

    @Test
    void readsOutsideOfWorkspaces() throws IOException {
        Path file = folder.resolve("workspace.safetensors");
        SafeTensors.write(file, Map.of("w", counting(DataType.FLOAT, 120)), Map.of());
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 20).build();
        INDArray same;
        INDArray converted;
        try (SafeTensors tensors = SafeTensors.open(file);
                MemoryWorkspace workspace =
                        Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "weights")) {
            same = tensors.read("w", DataType.FLOAT);
            converted = tensors.read("w", DataType.DOUBLE);
            assertThat(workspace.getPrimaryOffset()).isZero();
        }
        assertThat(same.isAttached() || converted.isAttached()).isFalse();
        assertThat(converted).isEqualTo(same.castTo(DataType.DOUBLE));
    }

    /** Live bytes of ND4J's arrays outside workspaces; other tests' arrays may be collected meanwhile, so at most. */
    private static long nativeBytes() {
        return Nd4j.getEnvironment().getDeviceCouner(0);
    }
}
