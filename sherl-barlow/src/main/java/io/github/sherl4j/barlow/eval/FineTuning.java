package io.github.sherl4j.barlow.eval;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.LabelledSource;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.route.Classifier;
import io.github.sherl4j.train.OptimizerConfig;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainListener;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullTuning;
import java.util.List;

/**
 * Semi-supervised learning (section 3.2 of the paper): the whole network goes on to learn from the few labels that there are,
 * which {@link io.github.sherl4j.data.ImageData#limit} draws so that each class keeps its share.
 *
 * @param training epochs, batch size, the head's rate, seed
 * @param encoderRate the encoder's rate as a share of the head's
 */
public record FineTuning(TrainConfig training, double encoderRate) {
    /** Checks the numbers. */
    public FineTuning {
        Check.argument(
                encoderRate > 0 && Double.isFinite(encoderRate),
                "encoderRate must be positive, but is %s",
                encoderRate);
    }

    /**
     * The paper's for 1 % of the labels: 20 epochs of batches of 256, momentum 0.9 without decay, rate 0.5 for the head and 0.005
     * for the encoder, along a cosine to 0.
     */
    public static FineTuning paper() {
        TrainConfig training = TrainConfig.defaults()
                .withEpochs(20)
                .withBatchSize(256)
                .withClipNorm(0)
                .withRateShape(RateShape.cosine(0, 0))
                .withOptimizer(OptimizerConfig.sgd(0.9, 0), 0.5);
        return new FineTuning(training, 0.01);
    }

    /** The same with another {@link #training}. */
    public FineTuning withTraining(TrainConfig newTraining) {
        return new FineTuning(newTraining, encoderRate);
    }

    /** The same with another {@link #encoderRate}. */
    public FineTuning withEncoderRate(double newEncoderRate) {
        return new FineTuning(training, newEncoderRate);
    }

    /**
     * Trains a classifier on batch statistics.
     *
     * @param encoder with norms; its weights change, and end with the classifier
     * @param train such as {@link AugmentedImages} of a share of the labels
     * @param classes their names
     * @return closed by the caller
     */
    public Classifier<ImageBatch> fit(
            ResNetBackbone encoder,
            LabelledSource<ImageBatch> train,
            List<String> classes,
            TrainListener... listeners) {
        encoder.statistics(BatchNorm.Statistics.BATCH);
        for (Parameter parameter : encoder.parameters()) {
            parameter.rateFactor(encoderRate);
        }
        ClassificationHead head =
                new ClassificationHead(Pooling.MEAN, encoder.width(), classes.size(), encoder.type(), training.seed());
        Classifier<ImageBatch> classifier = new Classifier<>(encoder, new FullTuning<>(encoder), head, classes);
        try {
            new Trainer(training, listeners).fit(classifier, train, null);
            return classifier;
        } catch (RuntimeException e) {
            classifier.close();
            throw e;
        }
    }
}
