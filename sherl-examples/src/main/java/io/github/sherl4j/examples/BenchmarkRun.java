package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.LabelledBatch;
import io.github.sherl4j.data.LabelledSource;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.OpProfile;
import io.github.sherl4j.route.Classifier;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.route.SherlRoute;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.StepReport;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainListener;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Measures one case, and leaves nothing behind. */
final class BenchmarkRun {
    private static final int WARM_ROUNDS = 2;
    private static final double RATE = 1e-4;
    private static final List<String> CLASSES = List.of("no", "yes");

    private final BenchmarkCase measured;
    private final int rounds;
    private final @Nullable OpProfile profile;
    private final List<Double> times = new ArrayList<>();

    /** A run of so many rounds after two that do not count; operations of those rounds go into the profile if there is one. */
    BenchmarkRun(BenchmarkCase measured, int rounds, @Nullable OpProfile profile) {
        this.measured = measured;
        this.rounds = rounds;
        this.profile = profile;
    }

    BenchmarkResult run() {
        return run(measured.network().network);
    }

    private <B extends LabelledBatch> BenchmarkResult run(BenchmarkNetwork<B> network) {
        boolean whole = measured.kind() == BenchmarkCase.Kind.FULL_STEP;
        try (Backbone<B> backbone = whole ? network.trainable() : network.frozen()) {
            return switch (measured.kind()) {
                case FROZEN_FORWARD -> forward(network, backbone);
                case SHERL_STEP -> train(network, backbone, () -> SherlRoute.of(backbone, network.sherl()));
                case FULL_STEP -> train(network, backbone, () -> new FullTuning<>(backbone));
            };
        }
    }

    private <B extends LabelledBatch> BenchmarkResult forward(BenchmarkNetwork<B> network, Backbone<B> backbone) {
        HeadOnly<B> route = new HeadOnly<>(backbone);
        int[] all = IntStream.range(0, network.batch()).toArray();
        try (B batch = network.data(network.batch()).batch(all)) {
            TrainingMemory meter = TrainingMemory.start();
            try (Memory memory = new Memory(backbone.type())) {
                for (int round = 0; round < WARM_ROUNDS + rounds; round++) {
                    memory.ops().profile(round < WARM_ROUNDS ? null : profile);
                    long start = System.nanoTime();
                    memory.reset();
                    Context context = backbone.context(memory, batch, OptionalLong.empty());
                    INDArray states = memory.step().array(route.resultShape(batch));
                    route.infer(batch, context, states);
                    add(round, (System.nanoTime() - start) / 1e9);
                    meter.sample();
                }
                return result(meter.peakMb(), meter);
            }
        }
    }

    private <B extends LabelledBatch> BenchmarkResult train(
            BenchmarkNetwork<B> network, Backbone<B> backbone, Supplier<Route<B>> route) {
        LabelledSource<B> data = network.data(network.batch() * (WARM_ROUNDS + rounds));
        TrainConfig config = TrainConfig.defaults()
                .withEpochs(1)
                .withBatchSize(network.batch())
                .withPeakRate(RATE)
                .withRateShape(RateShape.constant(0));
        TrainingMemory meter = TrainingMemory.start();
        ClassificationHead head = new ClassificationHead(
                Pooling.MEAN, backbone.width(), CLASSES.size(), backbone.type(), BenchmarkNetwork.SEED);
        try (Classifier<B> model = new Classifier<>(backbone, route.get(), head, CLASSES)) {
            TrainListener timer = new TrainListener() {
                @Override
                public void onStep(StepReport report) {
                    add(report.step() - 1, report.seconds());
                    model.profile(report.step() < WARM_ROUNDS ? null : profile);
                }
            };
            new Trainer(config, meter, timer).fit(model, data, null);
            return result(meter.peakMb(backbone, model), meter);
        }
    }

    private void add(int round, double seconds) {
        if (round >= WARM_ROUNDS) {
            times.add(seconds * 1e3);
        }
    }

    private BenchmarkResult result(double peakMb, TrainingMemory meter) {
        double[] milliseconds = times.stream().mapToDouble(Double::doubleValue).toArray();
        int threads = Nd4j.getEnvironment().maxThreads();
        return BenchmarkResult.of(measured.name(), milliseconds, peakMb, meter.residentPeakMb(), threads);
    }
}
