package io.github.sherl4j.weights;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class TensorFlowBundleTest {
    @TempDir
    private Path folder;

    private final Map<String, INDArray> tensors = new LinkedHashMap<>();

    @BeforeEach
    void draw() {
        int seed = 0;
        for (String name : new String[] {
            "bert/encoder/layer_0/kernel", "bert/encoder/layer_0/bias", "bert/encoder/layer_10/kernel", "bert/step", "z"
        }) {
            long[] shape = name.endsWith("kernel") ? new long[] {3, 2} : new long[] {200};
            tensors.put(name, TestArrays.normal(DataType.FLOAT, seed++, shape));
        }
    }

    @Test
    void readsNamesShapesAndNumbers() throws IOException {
        try (TensorFlowBundle bundle = TensorFlowBundle.open(TensorFlowFiles.write(folder, tensors))) {
            assertThat(bundle.names()).containsExactlyElementsOf(new TreeMap<>(tensors).keySet());
            for (Map.Entry<String, INDArray> tensor : tensors.entrySet()) {
                String name = tensor.getKey();
                assertThat(bundle.shape(name)).isEqualTo(tensor.getValue().shape());
                assertThat(bundle.type(name)).isEqualTo(DataType.FLOAT);
                for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
                    try (INDArray read = bundle.read(name, type)) {
                        assertThat(read.dataType()).isEqualTo(type);
                        assertThat(numbers(read)).isEqualTo(numbers(tensor.getValue()));
                    }
                }
            }
            assertThatThrownBy(() -> bundle.read("bert/stop", DataType.FLOAT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bert/step");
        }
    }

    @Test
    void aClosedOneSaysSo() throws IOException {
        TensorFlowBundle bundle = TensorFlowBundle.open(TensorFlowFiles.write(folder, tensors));
        bundle.close();
        assertThatThrownBy(() -> bundle.read("z", DataType.FLOAT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("is closed");
    }

    @Test
    void complainsAboutDamagedFiles() throws IOException {
        Path index = TensorFlowFiles.write(folder, tensors);
        byte[] whole = Files.readAllBytes(index);

        Files.write(index, Arrays.copyOf(whole, whole.length - 3));
        fails(() -> TensorFlowBundle.open(index), "is no table of tensors");

        byte[] damaged = whole.clone();
        damaged[whole.length - 47] = (byte) 0xff;
        damaged[whole.length - 46] = (byte) 0xff;
        damaged[whole.length - 45] = (byte) 0xff;
        Files.write(index, damaged);
        fails(() -> TensorFlowBundle.open(index), "");

        Files.write(index, TensorFlowFiles.table(new TreeMap<>(Map.of("a", new byte[] {1}))));
        fails(() -> TensorFlowBundle.open(index), "it has no header");

        TreeMap<String, byte[]> wrong = new TreeMap<>(Map.of("", new byte[0]));
        wrong.put("a", TensorFlowFiles.entry(1, new long[] {3, 2}, 0, 20));
        Files.write(index, TensorFlowFiles.table(wrong));
        fails(() -> TensorFlowBundle.open(index), "'a' of type FLOAT and shape [3, 2] must have 24 bytes, but has 20");

        wrong.put("a", TensorFlowFiles.entry(1, new long[] {3, 2}, 1 << 20, 24));
        Files.write(index, TensorFlowFiles.table(wrong));
        fails(() -> TensorFlowBundle.open(index), "the data file has 2448: it is cut short");

        wrong.put("a", TensorFlowFiles.entry(7, new long[] {1}, 0, 24)); // strings
        Files.write(index, TensorFlowFiles.table(wrong));
        try (TensorFlowBundle bundle = TensorFlowBundle.open(index)) {
            fails(() -> bundle.read("a", DataType.FLOAT), "tensor 'a' has a type that cannot be read");
        }

        Files.write(index, whole);
        Files.delete(folder.resolve("variables.data-00000-of-00001"));
        assertThatThrownBy(() -> TensorFlowBundle.open(index)).isInstanceOf(NoSuchFileException.class);
        fails(() -> TensorFlowBundle.open(folder), "expected a TensorFlow checkpoint's file NAME.index");
    }

    private static void fails(ThrowingCallable call, String part) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(part);
    }
}
