package io.github.sherl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.adapter.AdapterOptions.Expansion;
import io.github.sherl4j.adapter.AdapterOptions.Reduction;
import io.github.sherl4j.adapter.AdapterOptions.Skip;
import io.github.sherl4j.layer.Initialization;
import io.github.sherl4j.layer.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class AdapterOptionsTest {
    private static final AdapterOptions TEXT = AdapterOptions.vseText(512);

    @Test
    void thePublishedTextAdapter() {
        AdapterOptions expected = new AdapterOptions(
                512,
                Reduction.LINEAR_NORM,
                false,
                false,
                Expansion.LINEAR_NORM,
                Skip.GATE,
                Initialization.FRAMEWORK,
                1e-5,
                1e-12,
                1e-8,
                0.1,
                0.1);
        assertThat(TEXT).isEqualTo(expected);
        assertThat(TEXT.withDropout(0).withDropout(0.1)).isEqualTo(expected);
        assertThat(TEXT.withDropout(0).dropout()).isZero();
        assertThat(TEXT.withEps(1, 2, 3).withEps(1e-5, 1e-12, 1e-8)).isEqualTo(expected);
        assertThat(TEXT.withInitialization(Initialization.NORMAL_001).initialization())
                .isEqualTo(Initialization.NORMAL_001);
    }

    @Test
    void theOthersStartAndTrainAsPublished() {
        assertThat(AdapterOptions.vseImage(2).normEps()).isEqualTo(1e-8);
        assertThat(AdapterOptions.vseImage(2).initialization()).isEqualTo(Initialization.FRAMEWORK);
        assertThat(AdapterOptions.clipVideo(2, true).initialization()).isEqualTo(Initialization.FRAMEWORK);
        assertThat(AdapterOptions.clipVil(2).initialization()).isEqualTo(Initialization.NORMAL_002);
        assertThat(AdapterOptions.t5(2).initialization()).isEqualTo(Initialization.NORMAL_001);
        assertThat(AdapterOptions.mdetr(2).initialization()).isEqualTo(Initialization.XAVIER_UNIFORM);
        for (AdapterPreset preset : AdapterPreset.values()) {
            AdapterOptions options = preset.options(5);
            assertThat(options.width()).isEqualTo(5);
            assertThat(options.gateTemperature()).isEqualTo(0.1);
            assertThat(options.dropout()).isEqualTo(preset == AdapterPreset.VSE_TEXT ? 0.1 : 0);
            assertThat(options.guideFromOutside()).isEqualTo(preset.name().startsWith("CLIP_VIDEO"));
            assertThat(options.layerGates()).isEqualTo(preset == AdapterPreset.CLIP_VIDEO);
        }
    }

    /** In millions, as the paper's table has them, rounded to two digits. */
    @Test
    void adaptersHaveAsManyParametersAsPublished() {
        assertThat(count(AdapterOptions.vseImage(512), List.of(256L, 512L, 1024L, 2048L), 2048))
                .isEqualTo(3_027_458); // 3.03
        AdapterOptions clip = AdapterOptions.clipVideo(512, true);
        long image = count(clip, Collections.nCopies(13, 768L), 512);
        long text = count(clip, Collections.nCopies(13, 512L), 512);
        assertThat(image + text).isEqualTo(9_598_006); // 9.60
        assertThat(count(AdapterOptions.clipVil(384), Collections.nCopies(12, 768L), 768))
                .isEqualTo(7_387_778); // 7.39
        long encoder = count(AdapterOptions.t5(192), Collections.nCopies(10, 768L), 768);
        long decoder = count(AdapterOptions.t5(192), Collections.nCopies(9, 768L), 768);
        assertThat(encoder + decoder).isEqualTo(4_510_276); // 4.51
        assertThat(2 * count(AdapterOptions.mdetr(128), Collections.nCopies(4, 256L), 256))
                .isEqualTo(464_900); // 0.46
    }

    private static long count(AdapterOptions options, List<Long> widths, long resultWidth) {
        try (SherlAdapter adapter = new SherlAdapter(options, widths, resultWidth, DataType.FLOAT, 1)) {
            return adapter.parameters().stream()
                    .mapToLong(parameter -> parameter.value().length())
                    .sum();
        }
    }

    @Test
    void namesDifferAndBuffersAreThoseOfTheBatchNorms() {
        for (AdapterPreset preset : AdapterPreset.values()) {
            try (SherlAdapter adapter =
                    new SherlAdapter(preset.options(2), List.of(3L, 4L, 5L), 5, DataType.FLOAT, 1)) {
                List<String> names = new ArrayList<>(
                        adapter.parameters().stream().map(Parameter::name).toList());
                List<String> buffers =
                        adapter.buffers().stream().map(Parameter::name).toList();
                names.addAll(buffers);
                assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.startsWith("adapter."));
                assertThat(buffers).hasSize(preset == AdapterPreset.VSE_IMAGE ? 8 : 0);
            }
        }
    }

    @Test
    void refusesOtherNumbers() {
        assertRefused("width must be positive, but is 0", () -> AdapterOptions.t5(0));
        assertRefused("reductionEps must be positive, but is 0.0", () -> TEXT.withEps(0, 1, 1));
        assertRefused("expansionEps must be positive, but is -1.0", () -> TEXT.withEps(1, -1, 1));
        assertRefused("expansionEps must be positive, but is 0.0", () -> TEXT.withEps(1, 0, 1));
        assertRefused("normEps must be positive, but is NaN", () -> TEXT.withEps(1, 1, Double.NaN));
        assertRefused("normEps must be positive, but is 0.0", () -> TEXT.withEps(1, 1, 0));
        assertRefused("gateTemperature must be positive, but is 0.0", () -> of(Reduction.GATED, false, 0));
        assertRefused("layerGates need the reduction SPATIAL, but it is GATED", () -> of(Reduction.GATED, true, 0.1));
        assertRefused("dropout must be in [0, 1), but is 1.0", () -> TEXT.withDropout(1));
        assertRefused("dropout must be in [0, 1), but is -0.1", () -> TEXT.withDropout(-0.1));
    }

    private static AdapterOptions of(Reduction reduction, boolean layerGates, double temperature) {
        return new AdapterOptions(
                1,
                reduction,
                layerGates,
                false,
                Expansion.LINEAR,
                Skip.GATE,
                Initialization.FRAMEWORK,
                1,
                1,
                1,
                temperature,
                0);
    }

    private static void assertRefused(String message, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
