package io.github.sherl4j.barlow.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.data.Region;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RandomCropTest {
    private static final int DRAWS = 20_000;

    /** In a picture so large that nearly every drawn rectangle fits, the paper's distributions show unchanged. */
    @Test
    void areaIsUniformAndAspectIsUniformInItsLogarithm() {
        CropOptions options = CropOptions.paper(224).withArea(0.08, 0.5);
        SplittableRandom random = new SplittableRandom(1);
        int[] areas = new int[10];
        int[] aspects = new int[10];
        for (int i = 0; i < DRAWS; i++) {
            Region region = RandomCrop.draw(4000, 4000, options, random);
            double share = (double) region.width() * region.height() / (4000 * 4000);
            double aspect = Math.log((double) region.width() / region.height()) / Math.log(4.0 / 3);
            areas[(int) Math.max(0, Math.min(9, (share - 0.08) / 0.042))]++;
            aspects[(int) Math.max(0, Math.min(9, (aspect + 1) * 5))]++;
        }
        for (int tenth = 0; tenth < 10; tenth++) {
            // 2000 expected in each, standard deviation 42
            assertThat(areas[tenth]).isCloseTo(2000, within(170));
            assertThat(aspects[tenth]).isCloseTo(2000, within(170));
        }
    }

    @Test
    void placesAreUniform() {
        CropOptions options = new CropOptions(8, 0.25, 0.25, 1, 1, Interpolation.BICUBIC);
        SplittableRandom random = new SplittableRandom(2);
        double left = 0;
        double top = 0;
        int atTheEdge = 0;
        for (int i = 0; i < DRAWS; i++) {
            Region region = RandomCrop.draw(20, 40, options, random);
            // A quarter of 800 pixels, as a square: 14 x 14.
            assertThat(region.width()).isEqualTo(14);
            assertThat(region.height()).isEqualTo(14);
            left += region.left();
            top += region.top();
            atTheEdge += region.left() == 6 && region.top() == 26 ? 1 : 0;
        }
        assertThat(left / DRAWS).isCloseTo(3, within(0.06)); // standard error 0.014
        assertThat(top / DRAWS).isCloseTo(13, within(0.24)); // standard error 0.055
        assertThat(atTheEdge).isCloseTo(DRAWS / (7 * 27), within(45)); // standard deviation 10
    }

    @Test
    void aPictureThatIsTooThinGivesItsMiddle() {
        SplittableRandom random = new SplittableRandom(3);
        CropOptions options = CropOptions.paper(8).withArea(1, 1);
        assertThat(RandomCrop.draw(100, 10, options, random)).isEqualTo(new Region(43, 0, 13, 10));
        assertThat(RandomCrop.draw(9, 100, options, random)).isEqualTo(new Region(0, 44, 9, 12));
        assertThat(RandomCrop.draw(1, 500, options, random)).isEqualTo(new Region(0, 249, 1, 1));
        CropOptions square = new CropOptions(8, 1, 1, 0.8, 1.25, Interpolation.BILINEAR);
        assertThat(RandomCrop.draw(1, 1, square, random)).isEqualTo(new Region(0, 0, 1, 1));
    }
}
