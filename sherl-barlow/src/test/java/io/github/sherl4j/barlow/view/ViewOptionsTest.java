package io.github.sherl4j.barlow.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.data.PixelNorm;
import org.junit.jupiter.api.Test;

class ViewOptionsTest {

    @Test
    void thePapersRecipes() {
        ViewOptions paper = ViewOptions.paper();
        assertThat(paper.size()).isEqualTo(224);
        assertThat(paper.norm()).isEqualTo(PixelNorm.IMAGENET);
        assertThat(paper.first().crop()).isEqualTo(new CropOptions(224, 0.08, 1, 0.75, 4.0 / 3, Interpolation.BICUBIC));
        assertThat(paper.first().flip()).isEqualTo(0.5);
        assertThat(paper.first().jitter()).isEqualTo(new JitterOptions(0.8, 0.4, 0.4, 0.2, 0.1));
        assertThat(paper.first().grey()).isEqualTo(0.2);
        assertThat(paper.first().blur()).isEqualTo(new BlurOptions(1, 0.1, 2));
        assertThat(paper.first().solarize()).isZero();
        assertThat(paper.second())
                .isEqualTo(paper.first().withBlur(new BlurOptions(0.1, 0.1, 2)).withSolarize(0.2));
    }

    @Test
    void otherPresets() {
        ViewOptions small = ViewOptions.smallImages(28);
        assertThat(small.size()).isEqualTo(28);
        assertThat(small.first()).isEqualTo(small.second());
        assertThat(small.first().blur().probability()).isZero();
        assertThat(small.first().solarize()).isZero();
        assertThat(small.first().jitter()).isEqualTo(JitterOptions.PAPER);
        ViewRecipe probe = ViewRecipe.cropAndFlip(224);
        assertThat(probe.flip()).isEqualTo(0.5);
        assertThat(probe.jitter().probability() + probe.grey() + probe.blur().probability() + probe.solarize())
                .isZero();
    }

    @Test
    void refusesWhatCannotBe() {
        ViewRecipe recipe = ViewRecipe.paperFirst(8);
        assertThatThrownBy(() -> recipe.withFlip(1.1)).hasMessage("flip must be a probability from 0 to 1, but is 1.1");
        assertThatThrownBy(() -> recipe.withGrey(-0.1))
                .hasMessage("grey must be a probability from 0 to 1, but is -0.1");
        assertThatThrownBy(() -> recipe.withSolarize(Double.NaN))
                .hasMessage("solarize must be a probability from 0 to 1, but is NaN");
        assertThatThrownBy(() -> CropOptions.paper(0)).hasMessage("size must be at least 1, but is 0");
        assertThatThrownBy(() -> CropOptions.paper(8).withArea(0.5, 0.4))
                .hasMessage("minArea and maxArea must be above 0, at most 1 and in order, but are 0.5 and 0.4");
        assertThatThrownBy(() -> new CropOptions(8, 0.1, 1, 0, 1, Interpolation.BICUBIC))
                .hasMessage("minAspect and maxAspect must be positive and in order, but are 0.0 and 1.0");
        assertThatThrownBy(() -> new JitterOptions(0.5, -1, 0, 0, 0))
                .hasMessage("brightness must be at least 0, but is -1.0");
        assertThatThrownBy(() -> new JitterOptions(0.5, 0, 0, 0, 0.6)).hasMessage("hue must be 0 to 0.5, but is 0.6");
        assertThatThrownBy(() -> new BlurOptions(0.5, 2, 1))
                .hasMessage("minSigma and maxSigma must be at least 0 and in order, but are 2.0 and 1.0");
        assertThatThrownBy(() -> ViewOptions.paper(8).withRecipes(recipe, ViewRecipe.paperFirst(9)))
                .hasMessage("first and second must have one size, but have 8 and 9");
        assertThatThrownBy(() -> LoaderOptions.of(1))
                .hasMessageStartingWith("batchSize must be at least 2")
                .hasMessageEndingWith("but is 1");
        assertThatThrownBy(() -> LoaderOptions.of(2).withThreads(0))
                .hasMessage("threads must be at least 1, but are 0");
        assertThatThrownBy(() -> LoaderOptions.of(2).withPrefetch(0))
                .hasMessage("prefetch must be at least 1, but is 0");
    }
}
