package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.data.BatchSource;
import io.github.sherl4j.data.SceneBatch;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullScene;
import io.github.sherl4j.tuning.FullTuning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

class GroundingModelTest {
    static List<Function<MdetrNetwork, GroundingModel>> methods() {
        return List.of(GroundingModelTest::sherl, GroundingModelTest::headOnly, GroundingModelTest::full);
    }

    private static GroundingModel sherl(MdetrNetwork network) {
        int encoder = network.transformer().config().encoderLayers();
        int decoder = network.transformer().config().decoderLayers();
        return sherl(network, SceneTaps.all(encoder, decoder));
    }

    private static GroundingModel sherl(MdetrNetwork network, SceneTaps taps) {
        SherlScene route = SherlScene.of(network.transformer(), AdapterOptions.mdetr(2), taps, 1);
        return new GroundingModel(network, route, null, 0.1);
    }

    private static GroundingModel headOnly(MdetrNetwork network) {
        return new GroundingModel(network, new FrozenScene(network.transformer()), null, 1);
    }

    private static GroundingModel full(MdetrNetwork network) {
        return new GroundingModel(
                network,
                new FullScene(network.transformer()),
                new GroundingModel.Whole(new FullTuning<>(network.images()), new FullTuning<>(network.texts())),
                1);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void gradientsAreThoseOfCentralDifferences(Function<MdetrNetwork, GroundingModel> method) {
        try (MdetrNetwork network = TinyScenes.network(DataType.DOUBLE, 2, 2);
                GroundingModel model = method.apply(network);
                SceneBatch batch = TinyScenes.batch(DataType.DOUBLE)) {
            TinyScenes.redraw(new ArrayList<>(model.parameters().parameters().stream()
                    .filter(parameter -> parameter.name().startsWith("adapter.")
                            || parameter.name().contains("_embed"))
                    .toList()));
            model.accumulate(batch, 0.5, 1);
            List<double[]> gradients = model.parameters().parameters().stream()
                    .map(parameter -> numbers(parameter.gradient()))
                    .toList();
            int checked = 0;
            for (int i = 0; i < gradients.size(); i++) {
                Parameter parameter = model.parameters().parameters().get(i);
                boolean early = parameter.name().matches("(layer[1-3]|bn1|conv1).*");
                boolean head = parameter.name().contains("_embed");
                if (head || (parameter.value().length() <= 16 && !early)) { // others take long
                    CentralDifferences.check(
                            parameter.name(),
                            parameter.value(),
                            TestArrays.of(
                                    DataType.DOUBLE,
                                    gradients.get(i),
                                    parameter.value().shape()),
                            () -> 0.5 * model.accumulate(batch, 1, 1));
                    checked++;
                }
            }
            assertThat(checked).isGreaterThanOrEqualTo(8);
        }
    }

    /** Two parts of two and one boxes, and one part without any, against one batch. */
    @ParameterizedTest
    @MethodSource("frozenFronts")
    void partsOfUnequalBoxesAddUpToTheBatch(Function<MdetrNetwork, GroundingModel> method) {
        List<List<SceneBatch.Target>> targets = List.of(
                List.of(TinyScenes.target(0.3, 0.4, 0.2, 0.3, 1), TinyScenes.target(0.6, 0.7, 0.5, 0.2, 2, 3)),
                List.of(TinyScenes.target(0.5, 0.45, 0.31, 0.42, 3)),
                List.of());
        try (MdetrNetwork network = TinyScenes.network(DataType.DOUBLE, 2, 2);
                GroundingModel model = method.apply(network)) {
            TinyScenes.redraw(model.parameters().parameters());
            double whole;
            try (SceneBatch batch = TinyScenes.part(DataType.DOUBLE, targets, 0, 3)) {
                whole = model.accumulate(batch, 1, 1);
            }
            List<double[]> expected = gradients(model);
            for (int[] cuts : new int[][] {{0, 1, 2, 3}, {0, 2, 3}, {0, 1, 3}}) {
                model.parameters().zeroGradients();
                double sum = 0;
                for (int i = 1; i < cuts.length; i++) {
                    double weight = (cuts[i] - cuts[i - 1]) / 3.0;
                    try (SceneBatch part = TinyScenes.part(DataType.DOUBLE, targets, cuts[i - 1], cuts[i])) {
                        sum += weight * model.accumulate(part, weight, 1);
                    }
                }
                assertThat(sum).isCloseTo(whole, within(1e-9));
                List<double[]> actual = gradients(model);
                double largest = expected.stream()
                        .flatMapToDouble(Arrays::stream)
                        .map(Math::abs)
                        .max()
                        .orElseThrow();
                for (int i = 0; i < actual.size(); i++) {
                    assertThat(actual.get(i)).containsExactly(expected.get(i), within(1e-9 * largest));
                }
            }
        }
    }

    /** Batch norms that learn see the part alone. */
    static List<Function<MdetrNetwork, GroundingModel>> frozenFronts() {
        return List.of(GroundingModelTest::sherl, GroundingModelTest::headOnly);
    }

    private static List<double[]> gradients(GroundingModel model) {
        return model.parameters().parameters().stream()
                .map(parameter -> numbers(parameter.gradient()))
                .toList();
    }

    @Test
    void trainingInPartsIsTrainingInBatches() {
        List<Double> whole = losses(1);
        List<Double> parts = losses(3);
        assertThat(parts.get(0)).isCloseTo(whole.get(0), within(1e-5));
        assertThat(parts.get(4)).isCloseTo(whole.get(4), within(1e-3)).isNotEqualTo(whole.get(0));
    }

    private static List<Double> losses(int accumulation) {
        List<List<SceneBatch.Target>> targets = List.of(
                List.of(),
                List.of(TinyScenes.target(0.3, 0.4, 0.2, 0.3, 1), TinyScenes.target(0.6, 0.7, 0.5, 0.2, 2, 3)),
                List.of(TinyScenes.target(0.5, 0.45, 0.31, 0.42, 3)));
        TrainConfig config = TrainConfig.defaults()
                .withEpochs(5)
                .withBatchSize(3)
                .withAccumulation(accumulation)
                .withPeakRate(1e-3);
        try (MdetrNetwork network = TinyScenes.network(DataType.FLOAT, 2, 2);
                GroundingModel model = sherl(network)) {
            return new Trainer(config).fit(model, new Parts(targets), null).losses();
        }
    }

    @Test
    void trainingChangesNoFrozenWeightByABit() {
        try (MdetrNetwork network = TinyScenes.network(DataType.FLOAT, 2, 3)) {
            List<double[]> before = weights(network);
            try (GroundingModel model = sherl(network)) {
                TrainConfig config =
                        TrainConfig.defaults().withEpochs(30).withBatchSize(2).withPeakRate(5e-3);
                List<Double> losses =
                        new Trainer(config).fit(model, new OneBatch(), null).losses();
                assertThat(losses.get(29)).isLessThan(losses.get(0));
            }
            List<double[]> after = weights(network);
            for (int i = 0; i < before.size(); i++) {
                assertThat(after.get(i)).isEqualTo(before.get(i));
            }
        }
    }

    @Test
    void headsLearnAtTheirOwnRate() {
        try (MdetrNetwork network = TinyScenes.network(DataType.FLOAT, 2, 2);
                GroundingModel model = sherl(network)) {
            for (ParameterGroups.Group group : model.parameters().groups()) {
                boolean heads = group.parameters().stream()
                        .allMatch(parameter -> parameter.name().contains("_embed"));
                assertThat(group.rateFactor()).isEqualTo(heads ? 0.1 : 1);
            }
            Map<String, Parameter> named = model.parameters().named();
            assertThat(named)
                    .containsKeys(
                            "encoder.adapter.gate",
                            "decoder.adapter.gate",
                            "head.class_embed.weight",
                            "head.bbox_embed.layers.2.bias");
        }
    }

    @Test
    void memoryDoesNotGrowWithTheEarlyLayers() {
        long small = working(3, 3, new SceneTaps(List.of(0, 2), List.of(0, 1)));
        assertThat(working(9, 9, new SceneTaps(List.of(0, 8), List.of(0, 7)))).isEqualTo(small);
    }

    private static long working(int encoder, int decoder, SceneTaps taps) {
        try (MdetrNetwork network = TinyScenes.network(DataType.FLOAT, encoder, decoder);
                GroundingModel model = sherl(network, taps);
                SceneBatch batch = TinyScenes.batch(DataType.FLOAT)) {
            model.accumulate(batch, 1, 1);
            model.accumulate(batch, 1, 2);
            return model.workingBytes();
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aWarmStepMakesNoNativeObjects(Function<MdetrNetwork, GroundingModel> method) {
        try (MdetrNetwork network = TinyScenes.network(DataType.FLOAT, 2, 2);
                GroundingModel model = method.apply(network);
                SceneBatch batch = TinyScenes.batch(DataType.FLOAT)) {
            for (int step = 0; step < 3; step++) {
                model.accumulate(batch, 1, step);
            }
            assertThat(NativeBytes.created(() -> model.accumulate(batch, 1, 3))).isZero();
        }
    }

    @Test
    void refusesMorePhrasesThanQueriesAndTextsThatAreTooLong() {
        List<SceneBatch.Target> four = List.of(
                TinyScenes.target(0.3, 0.4, 0.2, 0.3, 1),
                TinyScenes.target(0.3, 0.4, 0.2, 0.3, 1),
                TinyScenes.target(0.3, 0.4, 0.2, 0.3, 1),
                TinyScenes.target(0.3, 0.4, 0.2, 0.3, 1));
        try (MdetrNetwork network = TinyScenes.network(DataType.FLOAT, 2, 2);
                GroundingModel model = sherl(network);
                SceneBatch batch = TinyScenes.batch(DataType.FLOAT, List.of(four, List.of()))) {
            assertThatThrownBy(() -> model.accumulate(batch, 1, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a picture must have no more phrases than the network has queries, 3, but has 4");
            assertThatThrownBy(() -> sherl(network, SceneTaps.published()))
                    .hasMessage("encoder taps must ascend and end at block 1, but are [0, 1, 3, 5]");
        }
    }

    private static List<double[]> weights(MdetrNetwork network) {
        return network.parameters().stream()
                .map(parameter -> numbers(parameter.value()))
                .toList();
    }

    /** A few pictures, in batches of all or parts of them. */
    private record Parts(List<List<SceneBatch.Target>> targets) implements BatchSource<SceneBatch> {
        @Override
        public int size() {
            return targets.size();
        }

        @Override
        public List<int[]> plan(int batchSize, long seed) {
            return List.of(IntStream.range(0, size()).toArray());
        }

        @Override
        public SceneBatch batch(int[] indices) {
            return part(indices, 0, indices.length);
        }

        @Override
        public SceneBatch part(int[] whole, int from, int to) {
            return TinyScenes.part(DataType.FLOAT, targets, from, to);
        }
    }

    /** The same two pictures again and again. */
    private static final class OneBatch implements BatchSource<SceneBatch> {
        @Override
        public int size() {
            return 2;
        }

        @Override
        public List<int[]> plan(int batchSize, long seed) {
            return List.of(new int[] {0, 1});
        }

        @Override
        public SceneBatch batch(int[] indices) {
            return TinyScenes.batch(DataType.FLOAT);
        }
    }
}
