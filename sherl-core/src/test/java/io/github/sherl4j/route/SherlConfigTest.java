package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class SherlConfigTest {
    private static final SherlConfig DEFAULTS = SherlConfig.defaults();

    @Test
    void hasThePapersDefaultsAndCopies() {
        List<Integer> taps = new ArrayList<>(List.of(0, 2));
        SherlConfig config = DEFAULTS.withTaps(taps);
        taps.add(3);

        assertThat(DEFAULTS).isEqualTo(new SherlConfig(AdapterPreset.VSE_TEXT, 2, 1, List.of(), 0.1, 0));
        assertThat(config.withReduction(4).withLateLayers(2).withDropout(0.2).withSeed(7))
                .isEqualTo(new SherlConfig(AdapterPreset.VSE_TEXT, 4, 2, List.of(0, 2), 0.2, 7));
    }

    @Test
    void tapsAllEarlyStatesUnlessToldOtherwise() {
        assertThat(DEFAULTS.tapsOf(3)).containsExactly(0, 1, 2);
        assertThat(DEFAULTS.withLateLayers(0).tapsOf(3)).containsExactly(0, 1, 2, 3);
        assertThat(DEFAULTS.withTaps(List.of(1)).tapsOf(3)).containsExactly(1);
    }

    @Test
    void theReductionDividesTheWidth() {
        assertThat(DEFAULTS.adapterOptions(768)).isEqualTo(AdapterOptions.vseText(384));
        assertThat(DEFAULTS.withReduction(1.5).withDropout(0.3).adapterOptions(768))
                .isEqualTo(AdapterOptions.vseText(512).withDropout(0.3));
        assertThat(DEFAULTS.withReduction(1000).adapterOptions(768).width()).isEqualTo(1);
    }

    @Test
    void aPresetBringsItsPublishedReductionAndDropout() {
        SherlConfig t5 = DEFAULTS.withTaps(List.of(0, 1)).withPreset(AdapterPreset.T5);
        assertThat(t5).isEqualTo(new SherlConfig(AdapterPreset.T5, 4, 1, List.of(0, 1), 0, 0));
        assertThat(t5.adapterOptions(768)).isEqualTo(AdapterOptions.t5(192));
        assertThat(t5.withReduction(8).withDropout(0.2).adapterOptions(1024))
                .isEqualTo(AdapterOptions.t5(128).withDropout(0.2));
        assertThat(t5.withPreset(AdapterPreset.VSE_TEXT)).isEqualTo(DEFAULTS.withTaps(List.of(0, 1)));
        assertThat(DEFAULTS.withPreset(AdapterPreset.VSE_IMAGE).adapterOptions(2048))
                .isEqualTo(AdapterOptions.vseImage(512));
        assertThat(DEFAULTS.withPreset(AdapterPreset.CLIP_VIDEO).adapterOptions(512))
                .isEqualTo(AdapterOptions.clipVideo(512, true));
        assertThat(DEFAULTS.withPreset(AdapterPreset.CLIP_VIDEO_UNGATED).adapterOptions(512))
                .isEqualTo(AdapterOptions.clipVideo(512, false));
        assertThat(DEFAULTS.withPreset(AdapterPreset.CLIP_VIL).adapterOptions(768))
                .isEqualTo(AdapterOptions.clipVil(384));
        assertThat(DEFAULTS.withPreset(AdapterPreset.MDETR).adapterOptions(256)).isEqualTo(AdapterOptions.mdetr(128));
    }

    @Test
    void refusesNumbersThatMakeNoSense() {
        assertRefused("reduction must be positive, but is 0.0", () -> DEFAULTS.withReduction(0));
        assertRefused("reduction must be positive, but is NaN", () -> DEFAULTS.withReduction(Double.NaN));
        assertRefused("lateLayers must be 0 or more, but is -1", () -> DEFAULTS.withLateLayers(-1));
        assertRefused("dropout must be in [0, 1), but is 1.0", () -> DEFAULTS.withDropout(1));
        assertRefused("dropout must be in [0, 1), but is -0.5", () -> DEFAULTS.withDropout(-0.5));
    }

    @Test
    void refusesWhatTheNetworkDoesNotHave() {
        List<String> labels = List.of("a", "b");
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 3)) {
            ClassifierOptions options = ClassifierOptions.of(labels).withMaxLength(12);
            assertRefused(
                    "lateLayers must be from 0 to the network's 3 layers, but is 4",
                    () -> SherlModel.classifier(bert, DEFAULTS.withLateLayers(4), options));
            assertRefused(
                    "taps must be indices of states from 0 to 2 with 1 late layers of 3, but one is 3",
                    () -> SherlModel.classifier(bert, DEFAULTS.withTaps(List.of(0, 3)), options));
            for (AdapterPreset preset : List.of(AdapterPreset.VSE_IMAGE, AdapterPreset.CLIP_VIDEO)) {
                assertRefused(
                        "preset must be one that takes states of tokens alone, but is " + preset,
                        () -> SherlModel.classifier(bert, DEFAULTS.withPreset(preset), options));
            }
            try (SherlModel model = SherlModel.classifier(bert, DEFAULTS, options)) {
                assertThat(model.config()).isEqualTo(DEFAULTS);
                assertThat(model.options()).isEqualTo(options);
                assertThat(model.backbone()).isSameAs(bert);
            }
        }
    }

    private static void assertRefused(String message, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
