package io.github.sherl4j.barlow.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation on pixels must give Pillow's bytes. */
class PillowTest {

    @ParameterizedTest
    @ValueSource(strings = {"0.6", "1.0", "1.37"})
    void brightnessContrastAndSaturation(String factor) {
        float number = Float.parseFloat(factor);
        assertSame("brightness-" + factor, rgb -> Colors.brightness(rgb, number));
        assertSame("contrast-" + factor, rgb -> Colors.contrast(rgb, number));
        assertSame("saturation-" + factor, rgb -> Colors.saturation(rgb, number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "0.0", "0.07", "0.5"})
    void hue(String share) {
        assertSame("hue-" + share, rgb -> Hue.turn(rgb, Double.parseDouble(share)));
    }

    /** All colours whose channels are multiples of 3, against the checksums of what Pillow makes of them. */
    @ParameterizedTest
    @CsvSource({"-0.1, 9d895c50", "0.0, c28110d7", "0.07, 763fc847"})
    void hueOfManyColours(double share, String checksum) {
        byte[] rgb = new byte[86 * 86 * 86 * 3];
        for (int i = 0; i < rgb.length / 3; i++) {
            rgb[3 * i] = (byte) (i / (86 * 86) * 3);
            rgb[3 * i + 1] = (byte) (i / 86 % 86 * 3);
            rgb[3 * i + 2] = (byte) (i % 86 * 3);
        }
        Hue.turn(rgb, share);
        CRC32 found = new CRC32();
        found.update(rgb);
        assertThat(Long.toHexString(found.getValue())).isEqualTo(checksum);
    }

    @Test
    void hueOfPureColoursByHand() {
        // Red turned by a third is green, by two thirds (or back by one) is blue.
        byte[] rgb = {(byte) 255, 0, 0};
        Hue.turn(rgb, 1 / 3.0);
        assertThat(rgb).containsExactly(0, 255, 0);
        Hue.turn(rgb, 1 / 3.0);
        assertThat(rgb).containsExactly(0, 0, 255);
        byte[] grey = {77, 77, 77};
        Hue.turn(grey, 0.25);
        assertThat(grey).containsExactly(77, 77, 77);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.1", "0.73", "1.0", "2.0", "9.5"})
    void blur(String sigma) {
        assertSame(
                "blur-" + sigma, rgb -> GaussianBlur.blur(rgb, Photos.WIDTH, Photos.HEIGHT, Float.parseFloat(sigma)));
    }

    @Test
    void blurKeepsTheSumAndHasTheGaussiansVariance() {
        int side = 41;
        byte[] rgb = new byte[side * side * 3];
        // A bright block in the middle, so that rounding to bytes does not eat its edges.
        for (int y = 15; y < 26; y++) {
            for (int x = 15; x < 26; x++) {
                rgb[3 * (y * side + x)] = (byte) 200;
            }
        }
        double[] before = moments(rgb, side);
        GaussianBlur.blur(rgb, side, side, 2);
        double[] after = moments(rgb, side);
        assertThat(after[0] / before[0]).isBetween(0.995, 1.005);
        assertThat(after[1] - before[1]).isBetween(3.8, 4.2); // sigma squared is 4
    }

    /** The sum, and the variance along the rows. */
    private static double[] moments(byte[] rgb, int side) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < side * side; i++) {
            int value = rgb[3 * i] & 0xff;
            int distance = i % side - side / 2;
            sum += value;
            squares += (double) value * distance * distance;
        }
        return new double[] {sum, squares / sum};
    }

    @Test
    void aPlainPictureStaysPlainUnderBlur() {
        byte[] rgb = new byte[7 * 5 * 3];
        Arrays.fill(rgb, (byte) 173);
        byte[] before = rgb.clone();
        GaussianBlur.blur(rgb, 7, 5, 1.7f);
        assertThat(rgb).isEqualTo(before);
        GaussianBlur.blur(rgb, 7, 5, 0);
        assertThat(rgb).isEqualTo(before);
    }

    @Test
    void greySolarizeAndFlip() {
        assertSame("grey", Colors::grey);
        assertSame("solarize", Colors::solarize);
        assertSame("flip", rgb -> ViewMaker.flip(rgb, Photos.WIDTH, Photos.HEIGHT));
    }

    @Test
    void solarizeByHand() {
        byte[] rgb = {127, (byte) 128, (byte) 255};
        Colors.solarize(rgb);
        assertThat(rgb).containsExactly(127, 127, 0);
    }

    private static void assertSame(String expected, Consumer<byte[]> operation) {
        byte[] rgb = Photos.resource("photo");
        operation.accept(rgb);
        assertThat(rgb).isEqualTo(Photos.resource(expected));
    }
}
