package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.route.Classifier;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullTuning;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/** A ResNet of 0.7 million parameters for pictures of 48 x 48, which learns to tell groups of emoji apart. */
final class SmallResNet {
    static final ResNetConfig CONFIG = ResNetConfig.resNet18()
            .withSizes(List.of(2, 2, 2, 2), 16, List.of(16, 32, 64, 128))
            .withStem(ResNetConfig.Stem.SMALL);

    private static final long SEED = 1;
    private static final int BATCH = 64;
    private static final double RATE = 3e-3;

    private SmallResNet() {}

    /**
     * Trains it from scratch on the pictures that are not held out, and the subcategories that Unicode puts them in.
     *
     * @param file where its weights are written, under torchvision's names
     */
    static void train(EmojiData emoji, ImageTransform transform, int epochs, Path file, PrintWriter err)
            throws IOException {
        ImageData data = ImageData.of(new EmojiSource(emoji, emoji.train(), Emoji::subcategory), transform);
        try (ResNetBackbone network = ResNetBackbone.random(CONFIG, DataType.FLOAT, SEED)) {
            network.statistics(BatchNorm.Statistics.BATCH);
            ClassificationHead head = new ClassificationHead(
                    Pooling.MEAN, network.width(), data.labels().size(), DataType.FLOAT, SEED);
            TrainConfig config = TrainConfig.defaults()
                    .withEpochs(epochs)
                    .withBatchSize(BATCH)
                    .withPeakRate(RATE)
                    .withRateShape(RateShape.cosine(0.1, 0))
                    .withSeed(SEED);
            try (Classifier<ImageBatch> model =
                            new Classifier<>(network, new FullTuning<>(network), head, data.labels());
                    ProgressListener progress = new ProgressListener("small ResNet", err)) {
                new Trainer(config, progress).fit(model, data, null);
                network.save(file);
            }
        }
    }
}
