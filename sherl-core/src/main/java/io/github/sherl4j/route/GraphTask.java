package io.github.sherl4j.route;

import io.github.sherl4j.loss.BinaryCrossEntropy;
import io.github.sherl4j.loss.CrossEntropy;
import io.github.sherl4j.loss.MeanSquaredError;
import io.github.sherl4j.nd.Memory;
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
     * The mean over the rows that the mask has.
     *
     * @param results [rows, n], overwritten where they are left out
     * @param targets [rows, n], overwritten likewise
     * @param mask [rows, 1]
     * @param count sum of the mask, positive
     */
    Loss maskedLoss(Memory memory, INDArray results, INDArray targets, INDArray mask, double count, double weight) {
        memory.ops().multiply(targets, mask, targets);
        leaveOut(memory, results, mask);
        double share = results.size(0) / count;
        Loss loss = loss(memory, results, targets, weight * share);
        memory.ops().multiply(loss.gradient, mask, loss.gradient);
        return new Loss(loss.value * share, loss.gradient);
    }
}
