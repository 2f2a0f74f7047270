package io.github.sherl4j.barlow.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.barlow.view.ViewMaker.View;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.PixelNorm;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ViewMakerTest {
    private static final int SIDE = 12;
    private static final int DRAWS = 2000;

    private static final ViewRecipe NOTHING = new ViewRecipe(
            new CropOptions(SIDE, 1, 1, 1, 1, Interpolation.BICUBIC), 0, JitterOptions.NONE, 0, BlurOptions.NONE, 0);

    private final Picture picture = Photos.noise("noise", 2, SIDE, SIDE, 5);

    @Test
    void nothingChangesNothing() {
        Picture view = maker(NOTHING).view(picture, View.FIRST, 1);
        assertThat(view.pixels()).isEqualTo(picture.pixels());
        assertThat(view.name()).isEqualTo("noise");
        assertThat(view.label()).isEqualTo(2);
    }

    @Test
    void eachOperationHappensAsOftenAsAsked() {
        assertShare(NOTHING.withFlip(0.5), 0.5, rgb -> ViewMaker.flip(rgb, SIDE, SIDE));
        assertShare(NOTHING.withGrey(0.2), 0.2, Colors::grey);
        assertShare(NOTHING.withSolarize(0.2), 0.2, Colors::solarize);
        assertShare(NOTHING.withBlur(new BlurOptions(0.1, 1, 1)), 0.1, rgb -> GaussianBlur.blur(rgb, SIDE, SIDE, 1));
        assertShare(NOTHING.withFlip(1), 1, rgb -> ViewMaker.flip(rgb, SIDE, SIDE));
    }

    /** Each view is the picture or what the operation makes of it, the latter as often as asked, within 4 deviations. */
    private void assertShare(ViewRecipe recipe, double share, Consumer<byte[]> operation) {
        byte[] changed = picture.pixels();
        operation.accept(changed);
        assertThat(changed).isNotEqualTo(picture.pixels());
        ViewMaker maker = maker(recipe);
        int count = 0;
        for (int i = 0; i < DRAWS; i++) {
            byte[] view = maker.view(picture, View.FIRST, ViewMaker.seed(9, 0, i, View.FIRST))
                    .pixels();
            boolean happened = Arrays.equals(view, changed);
            assertThat(happened || Arrays.equals(view, picture.pixels())).isTrue();
            count += happened ? 1 : 0;
        }
        assertThat((double) count / DRAWS).isCloseTo(share, within(4 * Math.sqrt(share * (1 - share) / DRAWS)));
    }

    @Test
    void jitterHappensInFourOfFiveCasesAndInEveryOrder() {
        ViewMaker maker = maker(NOTHING.withJitter(JitterOptions.PAPER));
        int changed = 0;
        for (int i = 0; i < DRAWS; i++) {
            byte[] view = maker.view(picture, View.FIRST, i).pixels();
            changed += Arrays.equals(view, picture.pixels()) ? 0 : 1;
        }
        assertThat((double) changed / DRAWS).isCloseTo(0.8, within(4 * Math.sqrt(0.16 / DRAWS)));

        Set<Integer> orders = new HashSet<>();
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 500; i++) {
            orders.add(Arrays.hashCode(ViewMaker.order(random)));
        }
        assertThat(orders).hasSize(24);
    }

    /** A factor is uniform from 1 - x to 1 + x: measured on a grey of 100, which brightness alone makes 60 to 140. */
    @Test
    void strengthsAreUniform() {
        Picture grey = Picture.of("grey", 0, 1, 1, 1, new byte[] {100});
        ViewRecipe one = NOTHING.withCrop(new CropOptions(1, 1, 1, 1, 1, Interpolation.BICUBIC));
        ViewMaker maker = maker(one.withJitter(new JitterOptions(1, 0.4, 0, 0, 0)));
        int[] tenths = new int[8];
        for (int i = 0; i < 8000; i++) {
            int value = maker.view(grey, View.FIRST, i).pixels()[0] & 0xff;
            assertThat(value).isBetween(60, 140);
            tenths[Math.min(7, (value - 60) / 10)]++;
        }
        for (int count : tenths) {
            assertThat(count).isCloseTo(1000, within(120)); // standard deviation 30
        }
    }

    @Test
    void equalSeedsGiveEqualBitsAndEveryPartOfASeedCounts() {
        ViewMaker maker = new ViewMaker(ViewOptions.paper(16));
        Picture photo = Photos.photo();
        Set<String> seen = new HashSet<>();
        for (long seed = 0; seed < 2; seed++) {
            for (long epoch = 0; epoch < 2; epoch++) {
                for (long index = 0; index < 2; index++) {
                    for (View view : View.values()) {
                        long mixed = ViewMaker.seed(seed, epoch, index, view);
                        byte[] pixels = maker.view(photo, view, mixed).pixels();
                        assertThat(new ViewMaker(ViewOptions.paper(16))
                                        .view(photo, view, mixed)
                                        .pixels())
                                .isEqualTo(pixels);
                        seen.add(Arrays.toString(pixels));
                    }
                }
            }
        }
        assertThat(seen).hasSize(16);
        assertThat(photo.pixels()).isEqualTo(Photos.resource("photo"));
    }

    @Test
    void theSecondViewHasItsOwnRecipe() {
        ViewMaker maker = new ViewMaker(new ViewOptions(NOTHING, NOTHING.withSolarize(1), PixelNorm.IMAGENET));
        byte[] solarized = picture.pixels();
        Colors.solarize(solarized);
        assertThat(maker.view(picture, View.FIRST, 1).pixels()).isEqualTo(picture.pixels());
        assertThat(maker.view(picture, View.SECOND, 1).pixels()).isEqualTo(solarized);
    }

    @Test
    void greyPicturesAndGreyNetworks() {
        Picture grey = picture.withChannels(1);
        assertThat(maker(NOTHING).view(grey, View.FIRST, 1).pixels())
                .isEqualTo(grey.withChannels(3).pixels());
        ViewMaker one = new ViewMaker(ViewOptions.smallImages(SIDE).withNorm(PixelNorm.grey(0.5, 0.5)));
        assertThat(one.view(picture, View.FIRST, 3).channels()).isEqualTo(1);
        assertThat(one.length()).isEqualTo(SIDE * SIDE);
    }

    @Test
    void normalisesAsImagesAreNormalisedElsewhere() {
        ViewMaker maker = maker(NOTHING);
        float[] numbers = new float[maker.length()];
        maker.normalize(picture, numbers);
        assertThat(numbers)
                .isEqualTo(ImageTransform.square(SIDE, PixelNorm.IMAGENET).apply(picture));
    }

    private static ViewMaker maker(ViewRecipe recipe) {
        return new ViewMaker(new ViewOptions(recipe, recipe, PixelNorm.IMAGENET));
    }
}
