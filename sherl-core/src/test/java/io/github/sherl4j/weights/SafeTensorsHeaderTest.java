package io.github.sherl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafeTensorsHeaderTest {

    private static final int DATA = 16;

    @TempDir
    Path folder;

    /** Headers for sixteen bytes of data, each with what is wrong. */
    static Stream<Arguments> badHeaders() {
        return Stream.of(
                Arguments.of("", "the header is no JSON object"),
                Arguments.of("{", "the header is no valid JSON"),
                Arguments.of("{}}", "the header is no valid JSON"),
                Arguments.of("{} {}", "something follows the header's JSON object"),
                Arguments.of("{'t':1}", "the header is no valid JSON"),
                Arguments.of("{\"t\":1}", "tensor 't': its entry is no JSON object"),
                Arguments.of("{\"t\":null}", "tensor 't': its entry is no JSON object"),
                Arguments.of("{\"t\":{}}", "tensor 't': dtype is missing"),
                Arguments.of("{\"t\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}", "tensor 't': shape is missing"),
                Arguments.of("{\"t\":{\"dtype\":\"F32\",\"shape\":[4]}}", "tensor 't': data_offsets is missing"),
                Arguments.of(tensor("\"F32\"", "[4]", "[0,16],\"x\":[[1]]"), "tensor 't': unknown key 'x'"),
                Arguments.of(tensor("7", "[4]", "[0,16]"), "tensor 't': dtype is no string"),
                Arguments.of(
                        tensor("\"F8_E4M3\"", "[16]", "[0,16]"), "tensor 't': has dtype F8_E4M3, known are F64, F32"),
                Arguments.of(tensor("\"f32\"", "[4]", "[0,16]"), "tensor 't': has dtype f32"),
                Arguments.of(tensor("\"F32\"", "4", "[0,16]"), "tensor 't': shape is no array"),
                Arguments.of(
                        tensor("\"F32\"", "[\"4\"]", "[0,16]"), "tensor 't': shape holds something that is no whole"),
                Arguments.of(
                        tensor("\"F32\"", "[4.0]", "[0,16]"), "tensor 't': shape holds something that is no whole"),
                Arguments.of(
                        tensor("\"F32\"", "[[4]]", "[0,16]"), "tensor 't': shape holds something that is no whole"),
                Arguments.of(tensor("\"F32\"", "[-4]", "[0,16]"), "tensor 't': shape holds the negative number -4"),
                Arguments.of(
                        tensor("\"F32\"", "[" + "9".repeat(50) + "]", "[0,16]"), "shape holds a number that is too"),
                Arguments.of(
                        tensor("\"F32\"", "[9223372036854775808]", "[0,16]"), "shape holds a number that is too large"),
                Arguments.of(
                        tensor("\"F32\"", "[4611686018427387904,4]", "[0,16]"), "tensor 't': its shape is too large"),
                Arguments.of(
                        tensor("\"U8\"", "[4294967296,4294967296]", "[0,0]"), "tensor 't': its shape is too large"),
                Arguments.of(
                        tensor("\"F32\"", "[4" + ",1".repeat(32) + "]", "[0,16]"), "shape has more than 32 numbers"),
                Arguments.of(tensor("\"F32\"", "[4]", "[0]"), "tensor 't': data_offsets should be two numbers, has 1"),
                Arguments.of(tensor("\"F32\"", "[4]", "[0,8,16]"), "tensor 't': data_offsets has more than 2 numbers"),
                Arguments.of(tensor("\"F32\"", "[4]", "[-16,0]"), "data_offsets holds the negative number -16"),
                Arguments.of(tensor("\"F32\"", "[4]", "[16,0]"), "data_offsets begin at 16 and end at 0, before that"),
                Arguments.of(
                        tensor("\"F32\"", "[3]", "[0,16]"),
                        "shape [3] of F32 takes 12 bytes, its data_offsets give it 16"),
                Arguments.of(
                        tensor("\"F32\"", "[]", "[0,16]"),
                        "shape [] of F32 takes 4 bytes, its data_offsets give it 16"),
                Arguments.of(
                        tensor("\"F32\"", "[3]", "[0,12]"), "the tensors end at byte 12 of the data, yet 16 bytes"),
                Arguments.of(
                        tensor("\"F32\"", "[3]", "[4,16]"),
                        "tensor 't' begins at byte 4 of the data, expected 0: there is a hole"),
                Arguments.of(
                        tensor("\"F32\"", "[5]", "[0,20]"),
                        "is cut short: its header announces 20 bytes of data, only 16"),
                Arguments.of("{}", "the tensors end at byte 0 of the data, yet 16 bytes"),
                Arguments.of(
                        "{" + u8("a", 0, 10) + "," + u8("b", 8, 16) + "}",
                        "tensor 'b' begins at byte 8 of the data, expected 10: it overlaps"),
                Arguments.of(
                        "{" + u8("a", 0, 6) + "," + u8("b", 8, 16) + "}",
                        "tensor 'b' begins at byte 8 of the data, expected 6: there is a hole"),
                Arguments.of(
                        "{" + u8("a", 0, 16) + "," + u8("b", 0, 16) + "}",
                        "tensor 'b' begins at byte 0 of the data, expected 16: it overlaps"),
                Arguments.of("{" + u8("a", 0, 8) + "," + u8("a", 8, 16) + "}", "Duplicate field 'a'"),
                Arguments.of(tensor("\"F32\",\"dtype\":\"F32\"", "[4]", "[0,16]"), "Duplicate field 'dtype'"),
                Arguments.of("{\"__metadata__\":[]," + u8("a", 0, 16) + "}", "__metadata__ is no JSON object"),
                Arguments.of(
                        "{\"__metadata__\":{\"k\":1}," + u8("a", 0, 16) + "}",
                        "__metadata__: the value of 'k' is no string"),
                Arguments.of(
                        "{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}," + u8("a", 0, 16) + "}", "Duplicate field 'k'"),
                Arguments.of("[]", "is no safetensors file: its header begins with byte 0x5b, expected '{'"),
                Arguments.of(" {" + u8("a", 0, 16) + "}", "is no safetensors file: its header begins with byte 0x20"));
    }

    @ParameterizedTest
    @MethodSource("badHeaders")
    void refusesBadHeader(String header, String message) throws IOException {
        int dataBytes = header.isEmpty() ? 0 : DATA;
        Path file = SafeTensorsFiles.write(folder.resolve("bad.safetensors"), header, dataBytes);
        assertRefused(file, message);
    }

    static Stream<Arguments> otherFiles() {
        return Stream.of(
                Arguments.of(bytes(""), "has only 0 bytes, a safetensors file has at least 8"),
                Arguments.of(bytes("{}"), "has only 2 bytes"),
                Arguments.of(bytes("PK\3\4\24\0\0\0\0\0"), "is no safetensors file: a zip archive"),
                Arguments.of(bytes("\u0080\2\u008a\nl\u00fc\u009cF"), "is no safetensors file: a Python pickle"),
                Arguments.of(bytes("\u0089HDF\r\n\32\n"), "is no safetensors file: an HDF5 file"),
                Arguments.of(bytes("version https://git-lfs"), "is no safetensors file: text (a Git LFS pointer"),
                Arguments.of(
                        bytes("<!DOCTYPE html>"), "it begins with a header length of 5789751444030890300, the format"),
                Arguments.of(bytes("\377\377\377\377\377\377\377\377"), "header length of 18446744073709551615"),
                Arguments.of(
                        prefixed(100_000_001L, "{"), "header length of 100000001, the format allows at most 100000000"),
                Arguments.of(
                        prefixed(100_000_000L, "{"), "is cut short: its header should have 100000000 bytes, only 1"),
                Arguments.of(prefixed(8, ""), "is cut short: its header should have 8 bytes, only 0"),
                Arguments.of(prefixed(3, "{\377}"), "the header is not valid UTF-8"));
    }

    @ParameterizedTest
    @MethodSource("otherFiles")
    void refusesOtherFile(byte[] content, String message) throws IOException {
        assertRefused(Files.write(folder.resolve("other.bin"), content), message);
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        String header = "{" + u8("a", 0, 10) + "," + u8("b", 10, 16) + "}";
        Path whole = SafeTensorsFiles.write(folder.resolve("whole.safetensors"), header, DATA);
        byte[] content = Files.readAllBytes(whole);
        for (int length = 8; length < content.length; length++) {
            Path cut = Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(content, length));
            assertRefused(cut, "is cut short");
        }
    }

    @Test
    void refusesFolderAndMissingFile() {
        assertThatThrownBy(() -> SafeTensors.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is a folder, expected a safetensors file");
        assertThatThrownBy(() -> SafeTensors.open(folder.resolve("none")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("none: no such file");
    }

    @Test
    void acceptsPaddingEmptyTensorsAndAnyOrderOfEntries() throws IOException {
        String header = "{" + u8("last", 8, 16) + "," + u8("none", 8, 8) + "," + u8("first", 0, 8) + "}   ";
        Path file = SafeTensorsFiles.write(folder.resolve("good.safetensors"), header, DATA);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            assertThat(tensors.names()).containsExactly("first", "none", "last");
            assertThat(tensors.shape("none")).containsExactly(0);
            assertThat(tensors.metadata()).isEmpty();
        }
    }

    @Test
    void acceptsFileWithoutTensors() throws IOException {
        Path file = SafeTensorsFiles.write(folder.resolve("none.safetensors"), "{\"__metadata__\":{\"a\":\"b\"}}", 0);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            assertThat(tensors.names()).isEmpty();
            assertThat(tensors.metadata()).containsExactly(Map.entry("a", "b"));
        }
    }

    private static void assertRefused(Path file, String message) {
        assertThatThrownBy(() -> SafeTensors.open(file).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    private static String tensor(String dtype, String shape, String offsets) {
        return "{\"t\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
    }

    private static String u8(String name, int begin, int end) {
        return "\"%s\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
                .formatted(name, end - begin, begin, end);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] prefixed(long length, String header) {
        byte[] text = bytes(header);
        return ByteBuffer.allocate(Long.BYTES + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(text)
                .array();
    }
}
