package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.Sgd;

class TrainerTest {
    private static final int WIDTH = 4;
    private static final TrainConfig CONFIG =
            TrainConfig.defaults().withBatchSize(7).withPeakRate(0.05).withSeed(11);

    private final TinyData data = TinyData.random(23, WIDTH);

    @Test
    void learns() {
        TinyModel model = new TinyModel(WIDTH, 0);

        TrainReport report = new Trainer(CONFIG.withEpochs(60).withWeightDecay(0)).fit(model, data, null);

        assertThat(model.values()).containsExactly(new double[] {-1.5, -0.5, 0.5, 1.5, 0.55}, within(0.1));
        assertThat(report.losses()).hasSize(60);
        assertThat(report.losses().get(59)).isLessThan(0.01 * report.losses().get(0));
        assertThat(report.epochs()).isEqualTo(60);
        assertThat(report.steps()).isEqualTo(240);
        assertThat(report.bestEpoch()).isEmpty();
        assertThat(report.bestScore()).isEmpty();
        assertThat(report.secondsPerStep()).isPositive();
    }

    @Test
    void isPlainGradientDescentWithSgd() {
        TinyModel model = new TinyModel(WIDTH, 0);
        TrainConfig config = CONFIG.withUpdater(new Sgd(), 0.1)
                .withRateShape(RateShape.constant(0))
                .withWeightDecay(0)
                .withClipNorm(0);

        TrainReport report = new Trainer(config).fit(model, data, null);

        double[] p = new double[WIDTH + 1];
        for (int epoch = 0; epoch < 3; epoch++) {
            double loss = 0;
            for (int[] indices : data.plan(7, Rng.derive(11, epoch))) {
                double[] g = new double[WIDTH + 1];
                for (int n : indices) {
                    double error = p[WIDTH] - data.targets[n];
                    for (int i = 0; i < WIDTH; i++) {
                        error += p[i] * data.inputs[n][i];
                    }
                    for (int i = 0; i < WIDTH; i++) {
                        g[i] += error * data.inputs[n][i] / indices.length;
                    }
                    g[WIDTH] += error / indices.length;
                    loss += error * error / 2 / data.size();
                }
                for (int i = 0; i <= WIDTH; i++) {
                    p[i] -= 0.1 * g[i];
                }
            }
            assertThat(report.losses().get(epoch)).isEqualTo(loss, within(1e-12));
        }
        assertThat(model.values()).containsExactly(p, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 7})
    void partsAreTheWholeBatch(int parts) {
        TinyModel whole = new TinyModel(WIDTH, 0);
        TrainReport expected = new Trainer(CONFIG).fit(whole, data, null);
        TinyModel model = new TinyModel(WIDTH, 0);

        TrainReport report = new Trainer(CONFIG.withAccumulation(parts)).fit(model, data, null);

        assertThat(model.values()).containsExactly(whole.values(), within(1e-9));
        assertThat(report.steps()).isEqualTo(expected.steps());
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(report.losses().get(epoch)).isEqualTo(expected.losses().get(epoch), within(1e-9));
        }
    }

    @Test
    void partsAreNearlyEqualAndNoMoreThanExamples() {
        TinyModel model = new TinyModel(WIDTH, 0);

        new Trainer(CONFIG.withEpochs(1).withAccumulation(5)).fit(model, data, null);

        assertThat(data.batches.stream().map(batch -> batch.targets.length))
                .containsExactly(2, 2, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1);
        assertThat(model.partWeights.subList(0, 3)).containsExactly(2 / 7.0, 2 / 7.0, 1 / 7.0);
        assertThat(model.partWeights.subList(15, 17)).containsExactly(0.5, 0.5);
        assertThat(model.seeds).doesNotHaveDuplicates();
    }

    @Test
    void batchesAreClosedAtOnce() {
        TinyModel model = new TinyModel(WIDTH, 0);
        TrainListener listener = new TrainListener() {
            @Override
            public void onStep(StepReport report) {
                assertThat(data.batches).hasSize(report.step()).allMatch(batch -> batch.closed);
            }
        };

        new Trainer(CONFIG, listener).fit(model, data, null);

        assertThat(data.batches).hasSize(12);
    }

    @Test
    void equalSeedsGiveEqualBits() {
        assertThat(trained(11)).isEqualTo(trained(11)).isNotEqualTo(trained(12));
    }

    @Test
    void stopsEarlyWithTheBestWeights() throws Exception {
        var filesBefore = BestWeightsTest.files();
        TinyModel model = new TinyModel(WIDTH, 0);
        List<double[]> seen = new ArrayList<>();
        List<EpochReport> reports = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void onEpoch(EpochReport report) {
                reports.add(report);
            }
        };
        double[] scores = {1, 2, 1.5, Double.NaN, 3};
        Validation validation = () -> {
            seen.add(model.values());
            return scores[seen.size() - 1];
        };

        TrainReport report = new Trainer(CONFIG.withEpochs(9).withPatience(2), listener).fit(model, data, validation);

        assertThat(report.epochs()).isEqualTo(4);
        assertThat(report.steps()).isEqualTo(16);
        assertThat(report.bestEpoch()).hasValue(2);
        assertThat(report.bestScore()).hasValue(2);
        assertThat(model.values()).isEqualTo(seen.get(1)).isNotEqualTo(seen.get(3));
        assertThat(reports).extracting(EpochReport::epoch).containsExactly(1, 2, 3, 4);
        assertThat(reports).extracting(r -> r.score().getAsDouble()).containsExactly(1.0, 2.0, 1.5, Double.NaN);
        assertThat(reports).extracting(r -> r.bestEpoch().getAsInt()).containsExactly(1, 2, 2, 2);
        assertThat(reports).extracting(EpochReport::totalEpochs).containsOnly(9);
        assertThat(reports).extracting(EpochReport::loss).isEqualTo(report.losses());
        assertThat(BestWeightsTest.files()).isEqualTo(filesBefore);
    }

    @Test
    void keepsTheLastWeightsIfAsked() {
        TinyModel model = new TinyModel(WIDTH, 0);
        List<double[]> seen = new ArrayList<>();

        TrainReport report = new Trainer(CONFIG.withKeepBest(false)).fit(model, data, () -> {
            seen.add(model.values());
            return -seen.size();
        });

        assertThat(report.bestEpoch()).hasValue(1);
        assertThat(model.values()).isEqualTo(seen.get(2)).isNotEqualTo(seen.get(0));
    }

    @Test
    void listenersHearOfEachStep() {
        TinyModel model = new TinyModel(WIDTH, 0);
        List<StepReport> reports = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        TrainListener first = new TrainListener() {
            @Override
            public void onStep(StepReport report) {
                reports.add(report);
                order.add(1);
            }
        };
        TrainListener second = new TrainListener() {
            @Override
            public void onStep(StepReport report) {
                order.add(2);
                assertThat(model.weight.gradient().toDoubleVector()).containsOnly(0);
            }
        };
        TrainConfig config = CONFIG.withRateShape(RateShape.stepDecay(1, 0.5)).withClipNorm(1e-3);

        new Trainer(config, first, second).fit(model, data, null);

        assertThat(order).hasSize(24).startsWith(1, 2, 1, 2);
        assertThat(reports)
                .extracting(StepReport::step)
                .isEqualTo(IntStream.rangeClosed(1, 12).boxed().toList());
        assertThat(reports).extracting(StepReport::epoch).containsExactly(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        assertThat(reports).extracting(StepReport::totalSteps).containsOnly(12);
        assertThat(reports.get(3).rate()).isEqualTo(0.05);
        assertThat(reports.get(4).rate()).isEqualTo(0.025);
        assertThat(reports).allMatch(report -> report.gradientNorm() > 1e-3 && report.seconds() > 0);
        assertThat(reports.get(0).loss()).isEqualTo(firstLoss(), within(1e-12));
    }

    @Test
    void patienceNeedsAValidation() {
        TinyModel model = new TinyModel(WIDTH, 0);

        assertThatThrownBy(() -> new Trainer(CONFIG.withPatience(3)).fit(model, data, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("patience is 3, which needs a validation");
        assertThat(data.batches).isEmpty();
    }

    @Test
    void refusesDataWithoutExamples() {
        TinyData empty = new TinyData(new double[0][], new double[0]);

        assertThatThrownBy(() -> new Trainer(CONFIG).fit(new TinyModel(WIDTH, 0), empty, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("train must have examples, but has 0");
    }

    private double[] trained(long seed) {
        try (TinyModel model = new TinyModel(WIDTH, 0.2)) {
            new Trainer(CONFIG.withSeed(seed).withAccumulation(2)).fit(model, data, null);
            return model.values();
        }
    }

    /** The loss of the first batch of a model whose parameters are all zero. */
    private double firstLoss() {
        int[] indices = data.plan(7, Rng.derive(11, 0)).get(0);
        return Arrays.stream(indices)
                .mapToDouble(n -> data.targets[n] * data.targets[n] / 2)
                .average()
                .orElseThrow();
    }
}
