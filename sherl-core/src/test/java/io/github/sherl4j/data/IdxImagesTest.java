package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxImagesTest {
    @TempDir
    Path folder;

    private final byte[] pictures = bytes(0x803, new int[] {2, 2, 3}, 1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255);
    private final byte[] labels = bytes(0x801, new int[] {2}, 2, 0);

    @ParameterizedTest
    @ValueSource(strings = {"", ".gz"})
    void readsPlainAndCompressed(String ending) throws IOException {
        IdxImages images = IdxImages.read(write("p-idx3-ubyte" + ending, pictures), write("l" + ending, labels));
        assertThat(images.size()).isEqualTo(2);
        assertThat(images.labels()).containsExactly("0", "1", "2");
        Picture second = images.picture(1).orElseThrow();
        assertThat(new int[] {second.width(), second.height(), second.channels()})
                .containsExactly(3, 2, 1);
        assertThat(Pictures.unsigned(second.pixels())).containsExactly(250, 251, 252, 253, 254, 255);
        assertThat(second.name()).isEqualTo("p-idx3-ubyte" + ending + "[1]");
        assertThat(new int[] {images.label(0), second.label()}).containsExactly(2, 0);
        assertThat(images.skipped()).isZero();
    }

    @Test
    void labelsAreOptionalAndCanHaveNames() throws IOException {
        Path file = write("p", pictures);
        assertThat(IdxImages.read(file).labels()).isEmpty();
        assertThat(IdxImages.read(file).label(0)).isEqualTo(Picture.NO_LABEL);
        assertThat(IdxImages.read(file, write("l", labels), List.of("bag", "coat", "boot"))
                        .labels())
                .containsExactly("bag", "coat", "boot");
        assertThatThrownBy(() -> IdxImages.read(file, write("l", labels), List.of("bag", "coat")))
                .hasMessage(folder.resolve("l") + ": holds the label 2, but only 2 classes have names");
    }

    @Test
    void refusesOtherHeaders() throws IOException {
        Path picturesFile = write("p", pictures);
        Path labelsFile = write("l", labels);
        assertThatThrownBy(() -> IdxImages.read(labelsFile))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(labelsFile
                        + ": expected an IDX file of pictures, which starts with 00000803, but it starts with"
                        + " 00000801");
        assertThatThrownBy(() -> IdxImages.read(picturesFile, picturesFile))
                .hasMessage(picturesFile
                        + ": expected an IDX file of labels, which starts with 00000801, but it starts with 00000803");
        Path three = write("three", bytes(0x801, new int[] {3}, 0, 0, 0));
        assertThatThrownBy(() -> IdxImages.read(picturesFile, three))
                .hasMessage(picturesFile + " has 2 pictures, but " + three + " has 3 labels");
        Path empty = write("empty", bytes(0x803, new int[] {0, 28, 28}));
        assertThatThrownBy(() -> IdxImages.read(empty))
                .hasMessage(empty + ": its header has dimension 0 of 0: expected at least 1");
        assertThatThrownBy(() -> IdxImages.read(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void refusesAnotherLengthThanTheHeaderSays() throws IOException {
        Path cut = write("cut", Arrays.copyOf(pictures, pictures.length - 1));
        assertThatThrownBy(() -> IdxImages.read(cut))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(cut + ": its header has dimensions [2, 2, 3], so 12 bytes must follow, but 11 do");
        Path longer = write("longer", Arrays.copyOf(pictures, pictures.length + 1));
        assertThatThrownBy(() -> IdxImages.read(longer))
                .hasMessage(longer + ": its header has dimensions [2, 2, 3], so 12 bytes must follow, but more do");
        Path header = write("header", Arrays.copyOf(pictures, 9));
        assertThatThrownBy(() -> IdxImages.read(header))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("damaged or cut off");
        Path wild = write("wild", bytes(0x803, new int[] {1 << 30, 1 << 20, 1 << 20}, 1));
        assertThatThrownBy(() -> IdxImages.read(wild)).hasMessageContaining("expected less than 2 GiB");
        Path large = write("large", bytes(0x803, new int[] {2_000_000, 32, 32}, 1));
        assertThatThrownBy(() -> IdxImages.read(large))
                .hasMessageContaining("so 2048000000 bytes must follow, but 1 do");
    }

    @Test
    void refusesDamagedCompression() throws IOException {
        Path whole = write("p.gz", pictures);
        Path cut = folder.resolve("cut.gz");
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(whole), (int) Files.size(whole) - 9));
        assertThatThrownBy(() -> IdxImages.read(cut))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(cut.toString());
        Path plain = folder.resolve("plain.gz");
        Files.write(plain, pictures);
        assertThatThrownBy(() -> IdxImages.read(plain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("damaged or cut off");
    }

    private Path write(String name, byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (name.endsWith(".gz")) {
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(content);
            }
        } else {
            out.writeBytes(content);
        }
        return Files.write(folder.resolve(name), out.toByteArray());
    }

    private static byte[] bytes(int magic, int[] dimensions, int... values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(out)) {
            data.writeInt(magic);
            for (int dimension : dimensions) {
                data.writeInt(dimension);
            }
            for (int value : values) {
                data.writeByte(value);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }
}
