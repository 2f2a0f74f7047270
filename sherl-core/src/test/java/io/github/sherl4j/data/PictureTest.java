package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Resizing and grey must be Pillow's, bit for bit. */
class PictureTest {
    private final Picture photo = Pictures.resource("photo.png");

    @ParameterizedTest
    @CsvSource({"BILINEAR, 23, 90", "BILINEAR, 128, 17", "BICUBIC, 23, 90", "BICUBIC, 128, 17"})
    void resizesAsPillowDoes(Interpolation interpolation, int width, int height) {
        Picture resized = photo.resized(new Region(0, 0, 57, 41), width, height, interpolation);
        assertThat(resized.pixels()).isEqualTo(expected(interpolation, width + "x" + height));
        assertThat(resized.width()).isEqualTo(width);
        assertThat(resized.height()).isEqualTo(height);
    }

    @ParameterizedTest
    @CsvSource({"BILINEAR", "BICUBIC"})
    void whatLiesOutsideOfARegionHasNoInfluence(Interpolation interpolation) {
        assertThat(photo.resized(new Region(5, 9, 31, 20), 24, 24, interpolation)
                        .pixels())
                .isEqualTo(expected(interpolation, "crop-24x24"));
    }

    @ParameterizedTest
    @CsvSource({"BILINEAR", "BICUBIC"})
    void resizesGrey(Interpolation interpolation) {
        assertThat(photo.withChannels(1)
                        .resized(new Region(0, 0, 57, 41), 19, 19, interpolation)
                        .pixels())
                .isEqualTo(expected(interpolation, "grey-19x19"));
    }

    @ParameterizedTest
    @CsvSource({"BILINEAR", "BICUBIC"})
    void itsOwnSizeChangesNothing(Interpolation interpolation) {
        assertThat(photo.resized(new Region(0, 0, 57, 41), 57, 41, interpolation)
                        .pixels())
                .isEqualTo(photo.pixels());
    }

    @Test
    void halvesByHand() {
        // Twice as wide a triangle: weights 1, 3, 3, 1 of 8 inside, and 3, 3, 1 of 7 at the left border.
        Picture row = Picture.of("row", -1, 4, 1, 1, new byte[] {0, 70, (byte) 140, (byte) 210});
        Picture half = row.resized(new Region(0, 0, 4, 1), 2, 1, Interpolation.BILINEAR);
        assertThat(Pictures.unsigned(half.pixels())).containsExactly(50, 160);
    }

    @Test
    void greyIsLuma() {
        assertThat(photo.withChannels(1).pixels())
                .isEqualTo(Pictures.resource("grey.png").pixels());
        for (int grey = 0; grey < 256; grey++) {
            assertThat(Picture.luma(grey, grey, grey)).isEqualTo(grey);
        }
        assertThat(new int[] {Picture.luma(255, 0, 0), Picture.luma(0, 255, 0), Picture.luma(0, 0, 255)})
                .containsExactly(76, 150, 29);
    }

    @Test
    void greyToColourAndBackIsTheSame() {
        Picture grey = photo.withChannels(1);
        assertThat(grey.withChannels(3).channels()).isEqualTo(3);
        assertThat(grey.withChannels(3).withChannels(1).pixels()).isEqualTo(grey.pixels());
        assertThat(grey.withChannels(1)).isSameAs(grey);
    }

    @Test
    void nobodyChangesAPictureFromOutside() {
        byte[] bytes = {1, 2, 3};
        Picture picture = Picture.of("p", 0, 1, 1, 3, bytes);
        bytes[0] = 9;
        picture.pixels()[1] = 9;
        assertThat(picture.pixels()).containsExactly(1, 2, 3);
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> Picture.of("p.png", 0, 2, 1, 3, new byte[5]))
                .hasMessage("p.png: 2 x 1 pixels of 3 channels are 6 bytes, but 5 came");
        assertThatThrownBy(() -> Picture.of("p.png", 0, 1, 1, 4, new byte[4]))
                .hasMessage("p.png: channels must be 1 or 3, but are 4");
        assertThatThrownBy(() -> Picture.of("p.png", -2, 1, 1, 1, new byte[1]))
                .hasMessage("p.png: label must be 0 or more, or -1 for none, but is -2");
        assertThatThrownBy(() -> Picture.of("p.png", 0, 0, 1, 1, new byte[0]))
                .hasMessage("p.png: a picture must hold a pixel, but is 0 x 1");
        assertThatThrownBy(() -> photo.resized(new Region(30, 0, 28, 41), 8, 8, Interpolation.BICUBIC))
                .hasMessage("photo.png: 28 x 41 pixels at (30, 0) were asked of a picture of 57 x 41");
        assertThatThrownBy(() -> new Region(-1, 0, 1, 1))
                .hasMessage("a region must start at 0 or later and hold a pixel, but is 1 x 1 at (-1, 0)");
        assertThatThrownBy(() -> photo.withChannels(2)).hasMessage("count must be 1 or 3, but is 2");
    }

    private static byte[] expected(Interpolation interpolation, String rest) {
        String kernel = interpolation == Interpolation.BILINEAR ? "bilinear" : "bicubic";
        return Pictures.resource(kernel + "-" + rest + ".png").pixels();
    }
}
