package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ImageTransformTest {
    private final Picture photo = Pictures.resource("photo.png");

    @Test
    void cutsOutTheMiddleAsTorchvisionDoes() {
        ImageTransform wide = new ImageTransform(32, 27, Interpolation.BILINEAR, PixelNorm.NONE);
        assertThat(wide.cutOut(photo).pixels())
                .isEqualTo(Pictures.resource("center-32-27.png").pixels());
        ImageTransform tall = new ImageTransform(30, 30, Interpolation.BICUBIC, PixelNorm.NONE);
        assertThat(tall.cutOut(Pictures.resource("tall.png")).pixels())
                .isEqualTo(Pictures.resource("center-30-30.png").pixels());
    }

    @Test
    void normalisesByHand() {
        Picture pixel = Picture.of("p", 0, 1, 1, 3, new byte[] {0, (byte) 255, 51});
        assertThat(ImageTransform.square(1, PixelNorm.NONE).apply(pixel)).containsExactly(0f, 1f, 0.2f);
        float[] numbers = ImageTransform.square(1, PixelNorm.IMAGENET).apply(pixel);
        assertThat(numbers[0]).isCloseTo(-0.485f / 0.229f, within(1e-6f));
        assertThat(numbers[1]).isCloseTo((1 - 0.456f) / 0.224f, within(1e-6f));
        assertThat(numbers[2]).isCloseTo((0.2f - 0.406f) / 0.225f, within(1e-6f));
        assertThat(ImageTransform.square(1, PixelNorm.grey(0.5, 0.25)).apply(pixel))
                .containsExactly((Picture.luma(0, 255, 51) / 255f - 0.5f) / 0.25f);
    }

    @Test
    void aLongThinPictureCostsNoMoreThanAnother() {
        Picture thread = Picture.of("thread", 0, 1, 200_000, 1, new byte[200_000]);
        assertThat(ImageTransform.IMAGENET.apply(thread)).hasSize(224 * 224 * 3);
    }

    @Test
    void aBatchHasChannelsLast() {
        Picture grey = Picture.of("grey", 1, 2, 2, 1, new byte[] {0, 51, 102, (byte) 204});
        Picture red = Picture.of("red", 0, 1, 1, 3, new byte[] {(byte) 255, 0, 0});
        ImageTransform transform = ImageTransform.square(2, PixelNorm.NONE);
        try (ImageBatch batch = transform.batch(2, row -> row == 0 ? grey : red)) {
            assertThat(batch.pixels().shape()).containsExactly(2, 2, 2, 3);
            assertThat(batch.labels()).containsExactly(1, 0);
            assertThat(batch.pixels().getFloat(0, 0, 1, 2)).isEqualTo(0.2f);
            assertThat(batch.pixels().getFloat(0, 1, 0, 1)).isEqualTo(0.4f);
            assertThat(batch.pixels().getFloat(1, 1, 1, 0)).isEqualTo(1f);
            assertThat(batch.pixels().getFloat(1, 1, 1, 2)).isEqualTo(0f);
        }
        try (ImageBatch batch = transform.batch(1, row -> Picture.of("p", -1, 1, 1, 1, new byte[1]))) {
            assertThat(batch.labels()).isEmpty();
        }
    }

    /** The numbers are put into native memory, which the failure frees. */
    @Test
    void aFailedBatchLeavesNoThreadAtWork() {
        Picture pixel = Picture.of("pixel", 0, 1, 1, 1, new byte[1]);
        ImageTransform transform = ImageTransform.square(1, PixelNorm.NONE);
        CountDownLatch both = new CountDownLatch(2);
        AtomicBoolean ended = new AtomicBoolean(true);
        assertThatThrownBy(() -> transform.batch(2, row -> {
                    both.countDown();
                    pause(() -> both.await(200, TimeUnit.MILLISECONDS));
                    if (row == 0) {
                        throw new IllegalArgumentException("row 0 is damaged");
                    }
                    ended.set(false);
                    pause(() -> {
                        Thread.sleep(100);
                        return true;
                    });
                    ended.set(true);
                    return pixel;
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 0 is damaged");
        assertThat(ended).isTrue();
    }

    private static void pause(Callable<Boolean> wait) {
        try {
            wait.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void presetsAreThePublishedOnes() {
        assertThat(ImageTransform.IMAGENET.resize()).isEqualTo(256);
        assertThat(ImageTransform.IMAGENET.length()).isEqualTo(224 * 224 * 3);
        assertThat(ImageTransform.CLIP.norm()).isEqualTo(PixelNorm.CLIP);
        assertThat(ImageTransform.CLIP.interpolation()).isEqualTo(Interpolation.BICUBIC);
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> new ImageTransform(20, 21, Interpolation.BILINEAR, PixelNorm.NONE))
                .hasMessage("crop must be 1 to resize, which is 20, but is 21: a smaller picture holds no such square");
        assertThatThrownBy(() -> new PixelNorm(List.of(0.0, 1.0), List.of(1.0, 1.0)))
                .hasMessage("mean must have 1 number (grey) or 3 (red, green, blue), but has 2");
        assertThatThrownBy(() -> new PixelNorm(List.of(0.0), List.of(1.0, 1.0, 1.0)))
                .hasMessage("deviation must have 1 numbers, as mean does, but has 3");
        assertThatThrownBy(() -> PixelNorm.grey(0, 0)).hasMessage("deviation must be positive, but is [0.0]");
        assertThatThrownBy(() -> PixelNorm.grey(Double.NaN, 1)).hasMessage("mean must be finite, but is [NaN]");
        assertThatThrownBy(() -> ImageTransform.CLIP.batch(0, row -> photo))
                .hasMessage("count must be at least 1, but is 0");
    }
}
