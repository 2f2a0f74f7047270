package io.github.sherl4j.barlow.pretrain;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.barlow.BarlowModel;
import io.github.sherl4j.barlow.LossOptions;
import io.github.sherl4j.barlow.SmallNets;
import io.github.sherl4j.train.DivergenceException;
import io.github.sherl4j.train.EpochReport;
import io.github.sherl4j.train.OptimizerConfig;
import io.github.sherl4j.train.StepReport;
import io.github.sherl4j.train.TrainListener;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

class PretrainingTest {
    private static final Noise PICTURES = new Noise(26, 8);
    private static final int PER_EPOCH = 3; // batches of 8, two pictures left over
    private static final int STEPS = 3 * PER_EPOCH;

    @TempDir
    private Path folder;

    private static PretrainConfig config(OptimizerConfig optimizer) {
        PretrainConfig small = PretrainConfig.smallImages(8);
        return small.withThreads(2)
                .withTraining(small.training()
                        .withEpochs(3)
                        .withBatchSize(8)
                        .withSeed(9)
                        .withOptimizer(optimizer, 0.01));
    }

    private static BarlowModel model(int part) {
        return SmallNets.model(DataType.FLOAT, LossOptions.defaults(), part);
    }

    private static Map<String, double[]> tensors(BarlowModel model) {
        Map<String, double[]> tensors = new LinkedHashMap<>();
        model.tensors().forEach((name, array) -> tensors.put(name, numbers(array)));
        return tensors;
    }

    /** Stops a training as a power cut would. */
    private static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static TrainListener cutAfter(int step) {
        return new TrainListener() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == step) {
                    throw new PowerCut();
                }
            }
        };
    }

    static Stream<OptimizerConfig> optimizers() {
        return Stream.of(OptimizerConfig.adamW(0.01), OptimizerConfig.lars(), OptimizerConfig.sgd(0.9, 1e-4));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void goingOnFromACheckpointGivesTheSameBits(OptimizerConfig optimizer) throws IOException {
        PretrainConfig config = config(optimizer).withCheckpointEvery(4);
        Map<String, double[]> expected;
        List<Double> losses = new ArrayList<>();
        TrainListener note = new TrainListener() {
            @Override
            public void onStep(StepReport report) {
                losses.add(report.loss());
            }
        };
        try (BarlowModel model = model(0)) {
            new Pretraining(config, note).run(model, PICTURES, null);
            expected = tensors(model);
        }
        List<Double> whole = List.copyOf(losses);
        losses.clear();
        Path file = folder.resolve("checkpoint.safetensors");
        try (BarlowModel model = model(0)) {
            // The checkpoint of step 4 lies in the second epoch; two steps more are lost.
            assertThatThrownBy(() -> new Pretraining(config, note, cutAfter(6)).run(model, PICTURES, file))
                    .isInstanceOf(PowerCut.class);
        }
        assertThat(losses).isEqualTo(whole.subList(0, 6));
        losses.clear();
        try (BarlowModel model = BarlowModel.of(
                ResNetBackbone.random(SmallNets.TINY, DataType.FLOAT, 99),
                List.of(6, 5),
                LossOptions.defaults(),
                0,
                99)) {
            new Pretraining(config, note).resume(model, PICTURES, file);

            assertThat(losses).isEqualTo(whole.subList(4, STEPS));
            Map<String, double[]> found = tensors(model);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            found.forEach((name, numbers) -> assertThat(numbers).as(name).isEqualTo(expected.get(name)));
        }
        try (SafeTensors last = SafeTensors.open(file)) {
            assertThat(last.metadata()).containsEntry("steps", String.valueOf(STEPS));
        }
    }

    @Test
    void inPartsToo() throws IOException {
        PretrainConfig config = config(OptimizerConfig.adamW(0));
        Path file = folder.resolve("checkpoint.safetensors");
        Map<String, double[]> expected;
        try (BarlowModel model = model(4)) {
            new Pretraining(config).run(model, PICTURES, null);
            expected = tensors(model);
        }
        try (BarlowModel model = model(4)) {
            assertThatThrownBy(() -> new Pretraining(config, cutAfter(5)).run(model, PICTURES, file))
                    .isInstanceOf(PowerCut.class);
        }
        try (BarlowModel model = model(4)) {
            new Pretraining(config.withThreads(1)).resume(model, PICTURES, file);
            tensors(model)
                    .forEach((name, numbers) -> assertThat(numbers).as(name).isEqualTo(expected.get(name)));
        }
    }

    @Test
    void theEncoderOfACheckpointIsABackbone() throws IOException {
        Path file = folder.resolve("checkpoint.safetensors");
        try (BarlowModel model = model(0)) {
            new Pretraining(config(OptimizerConfig.adamW(0))).run(model, PICTURES, file);
            try (SafeTensors weights = SafeTensors.open(file);
                    ResNetBackbone encoder = ResNetBackbone.loadTrainable(SmallNets.TINY, weights, DataType.FLOAT)) {
                assertThat(numbers(encoder.parameters().get(0).value()))
                        .isEqualTo(numbers(model.encoder().parameters().get(0).value()));
            }
        }
    }

    @Test
    void tellsOfEpochsAndSteps() throws IOException {
        List<String> told = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void onStep(StepReport report) {
                told.add(report.epoch() + "/" + report.step() + " of " + report.totalSteps());
            }

            @Override
            public void onEpoch(EpochReport report) {
                assertThat(report.loss()).isFinite().isPositive();
                told.add("epoch " + report.epoch() + " of " + report.totalEpochs());
            }
        };
        try (BarlowModel model = model(0)) {
            new Pretraining(config(OptimizerConfig.adamW(0)), listener).run(model, PICTURES, null);
        }
        assertThat(told)
                .startsWith("1/1 of 9", "1/2 of 9", "1/3 of 9", "epoch 1 of 3", "2/4 of 9")
                .endsWith("3/9 of 9", "epoch 3 of 3");
    }

    @Test
    void aCheckpointOfAnotherTrainingIsRefusedInOneSentence() throws IOException {
        Path file = folder.resolve("checkpoint.safetensors");
        PretrainConfig config = config(OptimizerConfig.adamW(0));
        try (BarlowModel model = model(0)) {
            new Pretraining(config).run(model, PICTURES, file);
        }
        PretrainConfig larger = config.withTraining(config.training().withBatchSize(13));
        assertRefused(
                larger, model(0), file, file + ": was written by a training with batchSize 8, but this one has 13");
        BarlowModel wider = BarlowModel.of(
                ResNetBackbone.random(SmallNets.TINY, DataType.FLOAT, 5), List.of(6, 7), LossOptions.defaults(), 0, 7);
        assertRefused(
                config,
                wider,
                file,
                file + ": is of another network, since its projector.layer.3.weight is FLOAT [5, 6],"
                        + " but this one's is FLOAT [7, 6]");
        BarlowModel deeper = BarlowModel.of(
                ResNetBackbone.random(SmallNets.TINY.withSizes(List.of(2, 1), 3, List.of(3, 4)), DataType.FLOAT, 5),
                List.of(6, 5),
                LossOptions.defaults(),
                0,
                7);
        assertRefused(
                config,
                deeper,
                file,
                file + ": is of another network, since it has no encoder.layer1.1.conv1.weight, which this one has"
                        + " with shape [3, 3, 3, 3]");
        Path weights = folder.resolve("weights.safetensors");
        SafeTensors.write(weights, Map.of("a", TestArrays.normal(DataType.FLOAT, 1, 2)), Map.of());
        assertRefused(
                config,
                model(0),
                weights,
                weights
                        + ": expected a checkpoint of the format barlow-twins-checkpoint-1, but its format is not"
                        + " given");
        Files.write(weights, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> new Pretraining(config).resume(model(0), PICTURES, weights))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(weights.toString());
    }

    private static void assertRefused(PretrainConfig config, BarlowModel model, Path file, String message) {
        try (model) {
            Map<String, double[]> before = tensors(model);
            assertThatThrownBy(() -> new Pretraining(config).resume(model, PICTURES, file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            tensors(model)
                    .forEach((name, numbers) -> assertThat(numbers).as(name).isEqualTo(before.get(name)));
        }
    }

    @Test
    void stopsAtWhatIsNotFiniteAndLeavesTheCheckpoint() throws IOException {
        Path file = folder.resolve("checkpoint.safetensors");
        PretrainConfig config = config(OptimizerConfig.adamW(0)).withCheckpointEvery(2);
        try (BarlowModel model = model(0)) {
            TrainListener poison = new TrainListener() {
                @Override
                public void onStep(StepReport report) {
                    if (report.step() == 4) {
                        TestArrays.set(model.parameters().parameters().get(0).value(), 0, Double.NaN);
                    }
                }
            };
            assertThatThrownBy(() -> new Pretraining(config, poison).run(model, PICTURES, file))
                    .isInstanceOf(DivergenceException.class)
                    .hasMessageStartingWith("Training diverged in epoch 2 at batch 2: loss and gradient norm must be"
                            + " finite, but are NaN and 0.0");
        }
        try (SafeTensors last = SafeTensors.open(file)) {
            assertThat(last.metadata()).containsEntry("steps", "4");
        }
    }

    @Test
    void refusesTooFewPictures() {
        try (BarlowModel model = model(0)) {
            assertThatThrownBy(
                            () -> new Pretraining(config(OptimizerConfig.adamW(0))).run(model, new Noise(7, 8), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("there must be at least 2 pictures and a whole batch of 8, but there are 7");
            assertThatThrownBy(
                            () -> new Pretraining(config(OptimizerConfig.adamW(0))).run(model, new Noise(1, 8), null))
                    .hasMessage("there must be at least 2 pictures and a whole batch of 8, but there are 1");
        }
        PretrainConfig config = PretrainConfig.paper();
        assertThatThrownBy(() -> config.withTraining(config.training().withAccumulation(2)))
                .hasMessage("accumulation must be 1, since the model cuts batches into parts, but is 2");
        assertThatThrownBy(() -> config.withTraining(config.training().withBatchSize(1)))
                .hasMessageStartingWith("batchSize must be at least 2");
    }
}
