package io.github.sherl4j.memory;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.data.BatchSource;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.nd.MemoryMeter;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.ClassifierOptions;
import io.github.sherl4j.route.SherlConfig;
import io.github.sherl4j.route.SherlModel;
import io.github.sherl4j.train.StepReport;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainListener;
import io.github.sherl4j.train.Trainer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A program of its own, since a process has one high-water mark and one device limit. It trains a SHERL model of random
 * weights on one batch over and over, and prints what was counted.
 *
 * <p>Arguments: layers, width, batch, tokens, steps, and a limit in bytes for all native arrays, 0 for none.
 */
final class MemoryProbe {
    private MemoryProbe() {}

    public static void main(String[] args) {
        NativeMemory.initialize();
        int layers = Integer.parseInt(args[0]);
        int width = Integer.parseInt(args[1]);
        int rows = Integer.parseInt(args[2]);
        int tokens = Integer.parseInt(args[3]);
        int steps = Integer.parseInt(args[4]);
        long limit = Long.parseLong(args[5]);
        BertConfig config = new BertConfig(1000, 128, 2, width, layers, 4, 4 * width, 1e-12);
        try (BertBackbone backbone = BertBackbone.random(config, null, DataType.FLOAT, 1)) {
            run(backbone, data(1, 3), 2, new Watch(MemoryMeter.start(), 1)); // warms up what the native library keeps
            System.gc();
            if (limit > 0) {
                Nd4j.getEnvironment().setDeviceLimit(0, limit);
            }
            Watch watch = new Watch(MemoryMeter.start(), steps);
            run(backbone, data(rows, tokens), steps, watch);
            watch.print();
        }
    }

    private static void run(BertBackbone backbone, TokenizedData data, int steps, Watch watch) {
        ClassifierOptions options = ClassifierOptions.of(List.of("a", "b"));
        try (SherlModel model = SherlModel.classifier(backbone, SherlConfig.defaults(), options)) {
            TrainConfig config = TrainConfig.defaults().withEpochs(1).withBatchSize(data.size());
            new Trainer(config, watch).fit(model, new Repeated(data, steps), null);
        }
    }

    private static TokenizedData data(int rows, int tokens) {
        SplittableRandom random = new SplittableRandom(1);
        List<TokenizedText> texts = new ArrayList<>();
        int[] labels = new int[rows];
        for (int i = 0; i < rows; i++) {
            texts.add(new TokenizedText(random.ints(tokens, 1, 1000).toArray(), new int[tokens]));
            labels[i] = i % 2;
        }
        return TokenizedData.of(texts, labels);
    }

    /** The same batch again and again. */
    private record Repeated(TokenizedData data, int times) implements BatchSource<TokenBatch> {
        @Override
        public int size() {
            return data.size() * times;
        }

        @Override
        public List<int[]> plan(int batchSize, long seed) {
            return Collections.nCopies(times, data.plan(batchSize, 0).get(0));
        }

        @Override
        public TokenBatch batch(int[] indices) {
            return data.batch(indices);
        }
    }

    /** Counts after each step. */
    private static final class Watch implements TrainListener {
        private final MemoryMeter meter;
        private final long[] counted;
        private long residentAt100;
        private long residentAtEnd;

        Watch(MemoryMeter meter, int steps) {
            this.meter = meter;
            this.counted = new long[steps + 1];
        }

        @Override
        public void onStep(StepReport report) {
            meter.sample();
            if (report.step() < counted.length) {
                counted[report.step()] = MemoryMeter.nativeBytes();
            }
            if (report.step() == 100) {
                residentAt100 = MemoryMeter.residentBytes().orElse(0);
            }
            residentAtEnd = MemoryMeter.residentBytes().orElse(0);
        }

        void print() {
            int different = 0;
            for (int step = 3; step < counted.length; step++) {
                different += counted[step] == counted[2] ? 0 : 1;
            }
            System.out.printf(
                    "peak=%d live=%d resident=%d different=%d growth=%d%n",
                    meter.peakBytes(),
                    counted[counted.length - 1],
                    meter.residentPeakBytes().orElse(-1),
                    different,
                    residentAtEnd - residentAt100);
        }
    }
}
