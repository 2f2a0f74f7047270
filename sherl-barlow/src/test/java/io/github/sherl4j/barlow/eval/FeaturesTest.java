package io.github.sherl4j.barlow.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.barlow.SmallNets;
import io.github.sherl4j.barlow.pretrain.Noise;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class FeaturesTest {
    private static final ImageData DATA = ImageData.of(new Noise(150, 8), ImageTransform.square(8, PixelNorm.IMAGENET));

    @Test
    void aRowIsTheMeanOfTheLastStateOverAllPositions() {
        try (ResNetBackbone encoder = ResNetBackbone.random(SmallNets.TINY, DataType.FLOAT, 3);
                Memory memory = new Memory(DataType.FLOAT)) {
            encoder.statistics(BatchNorm.Statistics.BATCH); // which inference does not look at
            Features features = Features.of(encoder, DATA);

            assertThat(features.size()).isEqualTo(150);
            assertThat(features.width()).isEqualTo(4);
            assertThat(features.classes()).containsExactly("along", "across");
            int[] some = {0, 149};
            try (ImageBatch batch = DATA.batch(some)) {
                INDArray states = TestArrays.blank(DataType.FLOAT, 2, 4, 4, 4);
                new HeadOnly<>(encoder).infer(batch, encoder.context(memory, batch, OptionalLong.empty()), states);
                for (int i = 0; i < some.length; i++) {
                    for (int channel = 0; channel < 4; channel++) {
                        double mean = 0;
                        for (int position = 0; position < 16; position++) {
                            mean += states.getDouble(i, position / 4, position % 4, channel) / 16;
                        }
                        assertThat((double) features.row(some[i])[channel]).isCloseTo(mean, within(1e-5));
                    }
                }
            }
        }
    }

    @Test
    void pixelsAreThoseOfTheTransform() {
        Features pixels = Features.pixels(DATA);

        assertThat(pixels.width()).isEqualTo(8 * 8 * 3);
        assertThat(pixels.row(7)).isEqualTo(DATA.transform().apply(DATA.picture(7)));
        assertThat(pixels.label(7)).isEqualTo(1);
    }

    @Test
    void aPlanHasEachExampleOnceInAnOrderOfItsSeed() {
        Features features = Features.of(new float[10][1], new int[10], List.of("a"));
        List<Integer> order = new ArrayList<>();
        features.plan(4, 1).forEach(batch -> {
            for (int index : batch) {
                order.add(index);
            }
        });

        assertThat(order)
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
                .isNotEqualTo(sorted());
        assertThat(features.plan(4, 1)).usingRecursiveComparison().isEqualTo(features.plan(4, 1));
        assertThat(features.plan(4, 1)).extracting(batch -> batch.length).containsExactly(4, 4, 2);
    }

    private static List<Integer> sorted() {
        return List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void nothingNativeStays() throws InterruptedException {
        try (ResNetBackbone encoder = ResNetBackbone.random(SmallNets.TINY, DataType.FLOAT, 3)) {
            Features.of(encoder, DATA);
            long before = NativeBytes.settled();
            Features.of(encoder, DATA);
            assertThat(NativeBytes.settled()).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertRefused(
                () -> Features.of(new float[0][1], new int[0], List.of("a")), "rows must be at least 1, but are none");
        assertRefused(
                () -> Features.of(new float[2][1], new int[1], List.of("a")),
                "labels must be one for each of 2 rows, but are 1");
        assertRefused(
                () -> Features.of(new float[][] {{1}, {1, 2}}, new int[2], List.of("a")),
                "rows must have one width, but have 1 and 2");
        assertRefused(
                () -> Features.of(new float[1][1], new int[] {1}, List.of("a")), "labels must be 0 to 0, but one is 1");
        try (ResNetBackbone encoder = ResNetBackbone.random(SmallNets.TINY, DataType.DOUBLE, 3)) {
            assertRefused(() -> Features.of(encoder, DATA), "encoder must be FLOAT, but is DOUBLE");
        }
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
