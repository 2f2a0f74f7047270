package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.OpProfile;
import io.github.sherl4j.route.ClassifierOptions;
import io.github.sherl4j.route.SherlConfig;
import io.github.sherl4j.route.SherlModel;
import io.github.sherl4j.route.TextClassifier;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.StepReport;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainListener;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Measures one case, and leaves nothing behind. */
final class BenchmarkRun {
    private static final int WARM_ROUNDS = 2;
    private static final long SEED = 1;
    private static final double RATE = 1e-4;

    private final BenchmarkCase measured;
    private final BenchmarkCase.Network network;
    private final int rounds;
    private final @Nullable OpProfile profile;
    private final List<Double> times = new ArrayList<>();

    /** A run of so many rounds after two that do not count; operations of those rounds go into the profile if there is one. */
    BenchmarkRun(BenchmarkCase measured, int rounds, @Nullable OpProfile profile) {
        this.measured = measured;
        this.network = measured.network();
        this.rounds = rounds;
        this.profile = profile;
    }

    BenchmarkResult run() {
        try (BertBackbone backbone = BertBackbone.random(network.config, null, DataType.FLOAT, SEED)) {
            return switch (measured.kind()) {
                case FROZEN_FORWARD -> forward(backbone);
                case SHERL_STEP, FULL_STEP -> train(backbone);
            };
        }
    }

    private BenchmarkResult forward(BertBackbone backbone) {
        HeadOnly<TokenBatch> route = new HeadOnly<>(backbone);
        int[] all = IntStream.range(0, network.batch).toArray();
        try (TokenBatch batch = texts(network.batch).batch(all)) {
            TrainingMemory meter = TrainingMemory.start();
            try (Memory memory = new Memory(backbone.type())) {
                for (int round = 0; round < WARM_ROUNDS + rounds; round++) {
                    memory.ops().profile(round < WARM_ROUNDS ? null : profile);
                    long start = System.nanoTime();
                    memory.reset();
                    Context context = backbone.context(memory, batch, OptionalLong.empty());
                    INDArray states = memory.step().array(backbone.stateShape(batch));
                    route.infer(batch, context, states);
                    add(round, (System.nanoTime() - start) / 1e9);
                    meter.sample();
                }
                return result(meter.peakMb(), meter);
            }
        }
    }

    private BenchmarkResult train(BertBackbone backbone) {
        TokenizedData data = texts(network.batch * (WARM_ROUNDS + rounds));
        TrainConfig config = TrainConfig.defaults()
                .withEpochs(1)
                .withBatchSize(network.batch)
                .withPeakRate(RATE)
                .withRateShape(RateShape.constant(0));
        TrainingMemory meter = TrainingMemory.start();
        try (TextClassifier model = classifier(backbone)) {
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

    /** Without dropout, which the other methods do not have either. */
    private TextClassifier classifier(BertBackbone backbone) {
        ClassifierOptions options = ClassifierOptions.of(List.of("no", "yes")).withMaxLength(network.tokens);
        SherlConfig sherl =
                SherlConfig.defaults().withReduction(network.reduction).withDropout(0);
        return measured.kind() == BenchmarkCase.Kind.SHERL_STEP
                ? SherlModel.classifier(backbone, sherl, options)
                : FullTuning.classifier(backbone, options);
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

    /** Random token ids, all texts of one length, with random labels. */
    private TokenizedData texts(int count) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<TokenizedText> texts = new ArrayList<>();
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            int[] ids = new int[network.tokens];
            Arrays.setAll(ids, token -> random.nextInt(1, network.config.vocabulary()));
            texts.add(new TokenizedText(ids, new int[network.tokens]));
            labels[i] = random.nextInt(2);
        }
        return TokenizedData.of(texts, labels);
    }
}
