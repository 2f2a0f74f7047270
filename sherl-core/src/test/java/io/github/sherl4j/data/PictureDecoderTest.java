package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.data.PictureDecoder.DamagedException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureDecoderTest {

    @ParameterizedTest
    @CsvSource({"png", "bmp", "gif", "jpg"})
    void readsEachFormat(String format) throws Exception {
        Picture picture = decode(Pictures.file(format, BufferedImage.TYPE_INT_RGB, 30, 20, 0x806040));
        assertThat(new int[] {picture.width(), picture.height(), picture.channels()})
                .containsExactly(30, 20, 3);
        int[] last = Arrays.copyOfRange(Pictures.unsigned(picture.pixels()), 30 * 20 * 3 - 3, 30 * 20 * 3);
        for (int i = 0; i < 3; i++) {
            assertThat(Math.abs(last[i] - new int[] {0x80, 0x60, 0x40}[i]))
                    .isLessThanOrEqualTo(format.equals("jpg") ? 2 : 0);
        }
    }

    @Test
    void greyStaysGreyWithoutBrightening() throws Exception {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setPixels(0, 0, 2, 1, new int[] {100, 200});
        Picture picture = decode(Pictures.encoded("png", image));
        assertThat(picture.channels()).isEqualTo(1);
        assertThat(Pictures.unsigned(picture.pixels())).containsExactly(100, 200);
    }

    @Test
    void sixteenBitsKeepTheirUpperEight() throws Exception {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setPixels(0, 0, 2, 1, new int[] {0x12ff, 0xfe00});
        assertThat(Pictures.unsigned(decode(Pictures.encoded("png", image)).pixels()))
                .containsExactly(0x12, 0xfe);
    }

    @Test
    void transparentPartsLieOverWhite() throws Exception {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00102030);
        image.setRGB(1, 0, 0xff102030);
        image.setRGB(2, 0, 0x80ff0000);
        assertThat(Pictures.unsigned(decode(Pictures.encoded("png", image)).pixels()))
                .containsExactly(255, 255, 255, 0x10, 0x20, 0x30, 255, 127, 127);
    }

    @Test
    void palettesAreLookedUp() throws Exception {
        byte[] red = {0, (byte) 200};
        byte[] green = {10, 20};
        byte[] blue = {30, 40};
        BufferedImage image = new BufferedImage(
                2, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, red, green, blue, 0));
        image.getRaster().setPixels(0, 0, 2, 1, new int[] {0, 1});
        assertThat(Pictures.unsigned(decode(Pictures.encoded("png", image)).pixels()))
                .containsExactly(255, 255, 255, 200, 20, 40);
    }

    @ParameterizedTest
    @CsvSource({"png", "bmp", "gif", "jpg"})
    void aFileThatIsCutOffIsDamaged(String format) throws IOException {
        byte[] file = Pictures.encoded(format, noise());
        for (int length : new int[] {file.length / 2, file.length / 10, 20}) {
            assertThatThrownBy(() -> decode(Arrays.copyOf(file, length))).isInstanceOf(DamagedException.class);
        }
        assertThatThrownBy(() -> decode(Arrays.copyOf(file, 0)))
                .isInstanceOf(DamagedException.class)
                .hasMessage("expected PNG, JPEG, GIF or BMP, found other content");
    }

    @Test
    void aWildHeaderIsDamagedAndAsksForNoMemory() throws IOException {
        byte[] png = Pictures.png(4, 4, 0);
        png[17] = 1; // width and height, big-endian, at 16 and 20: 4 + 65536 each
        png[21] = 1;
        assertThatThrownBy(() -> decode(png))
                .isInstanceOf(DamagedException.class)
                .hasMessage("expected at most 100000000 pixels, its header says 65540 x 65540");
    }

    private static BufferedImage noise() {
        BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(3);
        for (int i = 0; i < 64 * 48; i++) {
            image.setRGB(i % 64, i / 64, random.nextInt(1 << 24));
        }
        return image;
    }

    private static Picture decode(byte[] file) throws DamagedException {
        return PictureDecoder.decode("p", Picture.NO_LABEL, file);
    }
}
