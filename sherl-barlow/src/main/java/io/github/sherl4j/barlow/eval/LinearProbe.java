package io.github.sherl4j.barlow.eval;

import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.LabelledSource;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.loss.CrossEntropy;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.HostFloats;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.Classifier;
import io.github.sherl4j.route.Model;
import io.github.sherl4j.train.OptimizerConfig;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainListener;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Logistic regression on frozen features, the paper's measure of a representation (section 3.1): the better a straight cut
 * separates the classes, the more the network has learnt of them.
 */
public final class LinearProbe implements Model<FeatureBatch> {
    private static final int AT_ONCE = 1000;

    private final Linear linear;
    private final List<String> classes;
    private final ParameterGroups parameters;
    private final Memory memory = new Memory(DataType.FLOAT);

    private LinearProbe(int width, List<String> classes, long seed) {
        try (Rng rng = new Rng(seed)) {
            this.linear = new LayerFactory(DataType.FLOAT, rng).linear("probe", width, classes.size());
        }
        this.classes = classes;
        this.parameters = new ParameterGroups(linear.parameters());
    }

    /**
     * The paper's training: 100 epochs of batches of 256, momentum 0.9, rate 0.3 along a cosine to 0, decay 1e-6.
     */
    public static TrainConfig paper() {
        return TrainConfig.defaults()
                .withEpochs(100)
                .withBatchSize(256)
                .withClipNorm(0)
                .withRateShape(RateShape.cosine(0, 0))
                .withOptimizer(OptimizerConfig.sgd(0.9, 1e-6), 0.3);
    }

    /**
     * Trains a probe on features that were computed once, so without crops and flips: a hundred times faster than the paper's
     * protocol, and close to it.
     *
     * @return closed by the caller
     */
    public static LinearProbe fit(Features train, TrainConfig config, TrainListener... listeners) {
        Check.argument(train.classes().size() >= 2, "train must have at least 2 classes, but has %s", train.classes());
        LinearProbe probe = new LinearProbe(train.width(), train.classes(), config.seed());
        try {
            new Trainer(config, listeners).fit(probe, train, null);
            return probe;
        } catch (RuntimeException e) {
            probe.close();
            throw e;
        }
    }

    /**
     * The paper's protocol to the letter: the network runs in inference on a crop and a flip of each picture in each epoch, and
     * its head learns.
     *
     * @param encoder frozen, on running statistics; shared, not changed
     * @param train such as {@link AugmentedImages}
     * @return closed by the caller
     */
    public static Classifier<ImageBatch> fit(
            ImageBackbone encoder,
            LabelledSource<ImageBatch> train,
            List<String> classes,
            TrainConfig config,
            TrainListener... listeners) {
        ClassificationHead head =
                new ClassificationHead(Pooling.MEAN, encoder.width(), classes.size(), encoder.type(), config.seed());
        Classifier<ImageBatch> classifier = new Classifier<>(encoder, new HeadOnly<>(encoder), head, classes);
        try {
            new Trainer(config, listeners).fit(classifier, train, null);
            return classifier;
        } catch (RuntimeException e) {
            classifier.close();
            throw e;
        }
    }

    @Override
    public double accumulate(FeatureBatch batch, double weight, long seed) {
        memory.reset();
        INDArray features = batch.values();
        INDArray logits = memory.step().array(batch.size(), classes.size());
        INDArray targets = memory.step().array(batch.size(), classes.size());
        linear.infer(features, Context.of(memory), logits);
        memory.ops().gather(memory.ops().identity(classes.size()), batch.labelArray(), targets);
        CrossEntropy.Result loss = CrossEntropy.of(memory, logits, targets, weight);
        linear.addGradients(memory, features, loss.gradient());
        return loss.value();
    }

    /** The class of each example. */
    public int[] predict(Features test) {
        int[] predicted = new int[test.size()];
        float[] row = new float[classes.size()];
        try (HostFloats logits = new HostFloats(AT_ONCE, classes.size())) {
            for (int[] indices : test.sequentialPlan(AT_ONCE)) {
                try (FeatureBatch batch = test.batch(indices)) {
                    memory.reset();
                    linear.infer(batch.values(), Context.of(memory), memory.slices(logits.array(), 0, indices.length));
                }
                for (int i = 0; i < indices.length; i++) {
                    logits.get(i * row.length, row);
                    predicted[indices[i]] = largest(row);
                }
            }
        }
        return predicted;
    }

    private static int largest(float[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }

    /** The share of examples whose class is found. */
    public double accuracy(Features test) {
        int[] predicted = predict(test);
        int right = 0;
        for (int i = 0; i < predicted.length; i++) {
            right += predicted[i] == test.label(i) ? 1 : 0;
        }
        return (double) right / predicted.length;
    }

    @Override
    public ParameterGroups parameters() {
        return parameters;
    }

    @Override
    public long workingBytes() {
        return memory.bytes();
    }

    @Override
    public void close() {
        parameters.close();
        memory.close();
    }
}
