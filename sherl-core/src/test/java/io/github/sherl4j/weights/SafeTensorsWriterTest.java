package io.github.sherl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SafeTensorsWriterTest {

    @TempDir
    Path folder;

    @Test
    void writesTheBytesOfTheFormat() throws IOException {
        Path file = folder.resolve("hand.safetensors");
        Map<String, INDArray> tensors = Map.of(
                "b", Nd4j.createFromArray(new float[][] {{1f, 2f}, {-0.5f, 0f}}),
                "a\"é", Nd4j.createFromArray(3, 255).castTo(DataType.UINT8),
                "n", Nd4j.createFromArray(-2L));
        SafeTensors.write(file, tensors, Map.of("z", "2", "format", "pt"));

        String header = "{\"__metadata__\":{\"format\":\"pt\",\"z\":\"2\"},"
                + "\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[8,24]},"
                + "\"a\\\"é\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[24,26]}}";
        // 207 bytes of UTF-8 (é has two), so one space makes 208 = 0xd0.
        String expected = "d000000000000000"
                + HexFormat.of().formatHex((header + " ").getBytes(StandardCharsets.UTF_8))
                + "feffffffffffffff"
                + "0000803f" + "00000040" + "000000bf" + "00000000"
                + "03" + "ff";
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).isEqualTo(expected);
    }

    @Test
    void readsTheBytesOfTheFormat() throws IOException {
        Path file = folder.resolve("hand.safetensors");
        String content = "3900000000000000"
                + HexFormat.of()
                        .formatHex("{\"w\":{\"dtype\":\"BF16\",\"shape\":[2,1],\"data_offsets\":[0,4]}}"
                                .getBytes(StandardCharsets.US_ASCII))
                + "803f" + "00c0";
        Files.write(file, HexFormat.of().parseHex(content));
        try (SafeTensors tensors = SafeTensors.open(file);
                INDArray read = tensors.read("w", DataType.FLOAT)) {
            assertThat(read).isEqualTo(Nd4j.createFromArray(new float[][] {{1f}, {-2f}}));
        }
    }

    @Test
    void sameTensorsGiveSameBytesInAlignedPlaces() throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        tensors.put("bytes", Nd4j.createFromArray(1, 2, 3).castTo(DataType.UINT8));
        tensors.put("halves", Nd4j.createFromArray(1f, 2f, 3f).castTo(DataType.FLOAT16));
        tensors.put("doubles", Nd4j.createFromArray(1.0));
        tensors.put("ints", Nd4j.createFromArray(1));
        Map<String, INDArray> turned = new LinkedHashMap<>();
        Stream.of("ints", "doubles", "halves", "bytes").forEach(name -> turned.put(name, tensors.get(name)));
        Path one = folder.resolve("one.safetensors");
        Path two = folder.resolve("two.safetensors");
        SafeTensors.write(one, tensors, Map.of("a", "1", "b", "2"));
        SafeTensors.write(two, turned, Map.of("b", "2", "a", "1"));
        assertThat(two).hasSameBinaryContentAs(one);
        try (SafeTensors read = SafeTensors.open(one)) {
            assertThat(read.names()).containsExactly("doubles", "ints", "halves", "bytes");
        }
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(one)).order(ByteOrder.LITTLE_ENDIAN);
        long header = content.getLong();
        assertThat(header % 8).isZero();
        assertThat(content.remaining() - header).isEqualTo(8 + 4 + 6 + 3);
    }

    @Test
    void writesEmptyArrayWithoutShapeAsNoElements() throws IOException {
        Path file = folder.resolve("empty.safetensors");
        SafeTensors.write(file, Map.of("e", Nd4j.empty(DataType.FLOAT)), Map.of());
        try (SafeTensors tensors = SafeTensors.open(file)) {
            assertThat(tensors.shape("e")).containsExactly(0);
        }
    }

    @Test
    void writesFileWithoutTensors() throws IOException {
        Path file = folder.resolve("none.safetensors");
        SafeTensors.write(file, Map.of(), Map.of());
        assertThat(Files.readAllBytes(file)).hasSize(16).startsWith(8, 0, 0, 0, 0, 0, 0, 0, '{', '}', ' ');
    }

    @Test
    void keepsExistingFileAndLeavesNoOtherWhenWritingFails() throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafeTensors.write(file, Map.of("a", Nd4j.createFromArray(1f, 2f)), Map.of());
        byte[] before = Files.readAllBytes(file);
        Map<String, INDArray> tensors = Map.of("a", Nd4j.ones(100), "b", failing(Nd4j.ones(100)));

        assertThatThrownBy(() -> SafeTensors.write(file, tensors, Map.of())).hasStackTraceContaining("disk is gone");

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(folder.toFile().list()).containsExactly("model.safetensors");
    }

    @Test
    void replacesExistingFileAndLeavesNoOther() throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafeTensors.write(file, Map.of("a", Nd4j.createFromArray(1f, 2f)), Map.of());
        SafeTensors.write(file, Map.of("b", Nd4j.scalar(1f)), Map.of());
        try (SafeTensors tensors = SafeTensors.open(file)) {
            assertThat(tensors.names()).containsExactly("b");
        }
        assertThat(folder.toFile().list()).containsExactly("model.safetensors");
    }

    @Test
    void refusesWhatTheFormatCannotHold() {
        INDArray closed = Nd4j.ones(2);
        closed.close();
        assertRefused(
                "w", Nd4j.create(DataType.BOOL, 2), "tensors: array 'w' is of type BOOL, expected one of DOUBLE,");
        assertRefused("w", closed, "tensors: array 'w' is closed");
        assertRefused("__metadata__", Nd4j.ones(2), "tensors: '__metadata__' cannot be the name of a tensor");
        assertRefused("\ud800", Nd4j.ones(2), "tensors: a name or metadata string is no valid Unicode text");
        assertThat(folder.toFile().list()).isEmpty();
    }

    @Test
    void refusesNullsAndFolders() {
        Map<String, INDArray> nothing = new LinkedHashMap<>();
        nothing.put("w", null);
        assertRefused(nothing, Map.of(), "tensors: array 'w' is null");
        Map<String, String> remarks = new LinkedHashMap<>();
        remarks.put("k", null);
        assertRefused(Map.of(), remarks, "metadata: the value of 'k' is null");
        assertThatThrownBy(() -> SafeTensors.write(folder, Map.of(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is a folder, expected the name of a file to write");
        assertThatThrownBy(() -> SafeTensors.write(folder.resolve("no").resolve("file"), Map.of(), Map.of()))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("cannot be written, its folder does not exist");
    }

    private void assertRefused(String name, INDArray array, String message) {
        assertRefused(Map.of(name, array), Map.of(), message);
    }

    private void assertRefused(Map<String, INDArray> tensors, Map<String, String> metadata, String message) {
        assertThatThrownBy(() -> SafeTensors.write(folder.resolve("refused"), tensors, metadata))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    /** An array that tells its shape, and fails when its values are wanted. */
    private static INDArray failing(INDArray array) {
        return (INDArray) Proxy.newProxyInstance(
                INDArray.class.getClassLoader(), new Class<?>[] {INDArray.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("data")) {
                        throw new IllegalStateException("disk is gone");
                    }
                    try {
                        return method.invoke(array, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
