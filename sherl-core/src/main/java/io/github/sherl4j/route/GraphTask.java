package io.github.sherl4j.route;

import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.loss.BinaryCrossEntropy;
import io.github.sherl4j.loss.CrossEntropy;
import io.github.sherl4j.loss.MeanSquaredError;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a model of a Deeplearning4j network predicts for each example, or for each step of a time series. */
public enum GraphTask {
    /** One of several classes: softmax and cross-entropy, labels one-hot or any distribution. */
    CLASSES {
        @Override
        Loss loss(Memory memory, INDArray results, INDArray targets, double weight) {
            CrossEntropy.Result result = CrossEntropy.of(memory, results, targets, weight);
            return new Loss(result.value(), result.gradient());
        }

        @Override
        void predict(Memory memory, INDArray results) {
            memory.ops().softmax(results, results);
        }

        @Override
        void leaveOut(Memory memory, INDArray results, INDArray mask) {
            // Rows without a target have no loss already.
        }
    },
    /** Any number of labels: sigmoid and binary cross-entropy, labels from 0 to 1. */
    LABELS {
        @Override
        Loss loss(Memory memory, INDArray results, INDArray targets, double weight) {
            BinaryCrossEntropy.Result result =
                    BinaryCrossEntropy.of(memory, results, targets, BinaryCrossEntropy.Classes.SUM, weight);
            return new Loss(result.value(), result.gradient());
        }

        @Override
        void predict(Memory memory, INDArray results) {
            memory.ops().sigmoid(results, results);
        }

        @Override
        void leaveOut(Memory memory, INDArray results, INDArray mask) {
            memory.ops().multiply(results, mask, results);
            try (var scope = memory.scratch().scope()) {
                INDArray certain = memory.scratch().array(mask.shape());
                memory.ops().add(mask, -1, certain);
                memory.ops().multiply(certain, CERTAIN, certain);
                memory.ops().add(results, certain, results);
            }
        }
    },
    /** Numbers: mean squared error. */
    NUMBERS {
        @Override
        Loss loss(Memory memory, INDArray results, INDArray targets, double weight) {
            MeanSquaredError.Result result = MeanSquaredError.of(memory, results, targets, weight);
            return new Loss(result.value(), result.gradient());
        }

        @Override
        void predict(Memory memory, INDArray results) {
            // The results are the predictions.
        }

        @Override
        void leaveOut(Memory memory, INDArray results, INDArray mask) {
            memory.ops().multiply(results, mask, results);
        }
    };

    /** A logit of minus so much is a probability of zero. */
    private static final double CERTAIN = 1000;

    /** Value and gradient with respect to the results; the gradient lies in the scratch arena, in the caller's scope. */
    record Loss(double value, INDArray gradient) {}

    /** The mean over the rows. */
    abstract Loss loss(Memory memory, INDArray results, INDArray targets, double weight);

    /** Turns results into predictions, in place. */
    abstract void predict(Memory memory, INDArray results);

    /** Gives results [rows, n] of rows whose mask [rows, 1] and targets are zero a loss of zero. */
    abstract void leaveOut(Memory memory, INDArray results, INDArray mask);

    /**
     * The loss of a batch: its mean over all results, or over those that the labels' mask has.
     *
     * @param results [batch, n], or [batch * time, n] for time series of labels; overwritten
     * @param outputMask what the network says of time steps, for labels that have no mask of their own; null if nothing
     * @param eachStep whether labels are [batch, n, time]
     */
    Loss loss(
            Memory memory,
            GraphBatch batch,
            INDArray results,
            @Nullable INDArray outputMask,
            boolean eachStep,
            double weight) {
        Check.argument(
                batch.labels().size() == 1,
                "batch must have one array of labels, but has %s",
                batch.labels().size());
        INDArray labels = batch.labels().get(0);
        INDArray targets = memory.step().array(results.shape());
        if (eachStep) {
            Check.shape("labels", labels, batch.size(), results.size(1), results.size(0) / batch.size());
            memory.ops()
                    .copy(
                            labels.permute(0, 2, 1),
                            memory.reshape(targets, batch.size(), labels.size(2), labels.size(1)));
        } else {
            Check.shape("labels", labels, batch.size(), results.size(1));
            memory.ops().copy(labels, targets);
        }
        INDArray mask = batch.labelMasks().get(0).orElse(eachStep ? outputMask : null);
        if (mask == null) {
            return loss(memory, results, targets, weight);
        }
        Check.argument(
                mask.length() == results.size(0),
                "The mask of labels must have a number for each of %s results, but has %s",
                results.size(0),
                mask.length());
        double count = mask.sumNumber().doubleValue();
        Check.argument(count > 0, "The mask of labels must leave something, but is zero everywhere");
        INDArray column = memory.step().array(results.size(0), 1);
        memory.ops().copy(mask, memory.reshape(column, mask.shape()));
        return maskedLoss(memory, results, targets, column, count, weight);
    }

    /**
     * The mean over the rows that the mask has.
     *
     * @param results [rows, n], overwritten where they are left out
     * @param targets [rows, n], overwritten likewise
     * @param mask [rows, 1]
     * @param count sum of the mask, positive
     */
    private Loss maskedLoss(
            Memory memory, INDArray results, INDArray targets, INDArray mask, double count, double weight) {
        memory.ops().multiply(targets, mask, targets);
        leaveOut(memory, results, mask);
        double share = results.size(0) / count;
        Loss loss = loss(memory, results, targets, weight * share);
        memory.ops().multiply(loss.gradient, mask, loss.gradient);
        return new Loss(loss.value * share, loss.gradient);
    }
}
