package io.github.sherl4j.loss;

import io.github.sherl4j.nd.Check;
import java.util.List;

/**
 * MDETR's losses of a picture's predicted boxes (Carion et al. 2020, Kamath et al. 2021). Each target gets the prediction of its own
 * that costs least, by the Hungarian method over {@code -p(its tokens) + 5 L1 - 2 giou}; then
 *
 * <pre>
 * loss = sum over matched (5 |b - t|_1 + 2 (1 - giou(b, t)) - sum_c target_c log p_c) - 0.1 sum over the others log p(no object)
 * </pre>
 *
 * <p>p is the softmax over token places and, last, no object; a target's tokens share its probability alike. It is computed on the
 * host in double precision, since a picture has a hundred small boxes.
 */
public final class SetLoss {
    private static final int BOX = 4;

    private SetLoss() {}

    /**
     * What the terms weigh.
     *
     * @param noObject factor of the loss of predictions that belong to no target
     */
    public record Weights(double l1, double giou, double tokens, double noObject) {
        /** Those of DETR and MDETR: 5, 2, 1 and 0.1. */
        public static Weights published() {
            return new Weights(5, 2, 1, 0.1);
        }
    }

    /**
     * A target.
     *
     * @param box centre, width and height, [4]
     * @param tokens places of its phrase's tokens in the text, at least one, each once
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one computation
    public record Target(double[] box, int[] tokens) {
        /** Checks the sizes. */
        public Target {
            Check.argument(box.length == BOX, "a target's box must be 4 numbers, but is %s", box.length);
            Check.argument(tokens.length > 0, "a target must have tokens of its phrase, but has none");
        }
    }

    /**
     * Value and gradients of one picture.
     *
     * @param value the loss
     * @param logits its gradient [predictions][token places + 1]
     * @param boxes its gradient [predictions][4]
     * @param matched the prediction of each target
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one computation
    public record Result(double value, double[][] logits, double[][] boxes, int[] matched) {}

    /**
     * Computes all of it.
     *
     * @param logits [predictions][token places + 1], the last one for no object; not modified
     * @param boxes [predictions][4]: centre, width and height, of positive area; not modified
     * @param targets no more than predictions; may be empty
     * @param factor of value and gradients, such as 1 / number of targets in the batch
     */
    public static Result of(double[][] logits, double[][] boxes, List<Target> targets, Weights weights, double factor) {
        int predictions = logits.length;
        Check.argument(
                targets.size() <= predictions,
                "a picture must have no more phrases than the network has queries, %s, but has %s",
                predictions,
                targets.size());
        int classes = logits[0].length;
        for (Target target : targets) {
            for (int token : target.tokens) {
                Check.argument(
                        token >= 0 && token < classes - 1,
                        "tokens must be places from 0 to %s, but one is %s",
                        classes - 2,
                        token);
            }
        }
        double[][] logProbabilities = new double[predictions][];
        for (int i = 0; i < predictions; i++) {
            logProbabilities[i] = logSoftmax(logits[i]);
        }
        int[] matched = match(logProbabilities, boxes, targets, weights);
        double[][] gradLogits = new double[predictions][classes];
        double[][] gradBoxes = new double[predictions][BOX];
        double[][] wanted = new double[predictions][classes];
        double value = 0;
        boolean[] taken = new boolean[predictions];
        for (int t = 0; t < matched.length; t++) {
            int i = matched[t];
            Target target = targets.get(t);
            taken[i] = true;
            for (int token : target.tokens) {
                wanted[i][token] = factor * weights.tokens / target.tokens.length;
            }
            value += boxLoss(boxes[i], target.box, weights, factor, gradBoxes[i]);
        }
        for (int i = 0; i < predictions; i++) {
            if (!taken[i]) {
                wanted[i][classes - 1] = factor * weights.tokens * weights.noObject;
            }
            double total = 0;
            for (int c = 0; c < classes; c++) {
                total += wanted[i][c];
                value -= wanted[i][c] == 0 ? 0 : wanted[i][c] * logProbabilities[i][c];
            }
            for (int c = 0; c < classes; c++) {
                gradLogits[i][c] = total * Math.exp(logProbabilities[i][c]) - wanted[i][c];
            }
        }
        return new Result(value, gradLogits, gradBoxes, matched);
    }

    private static double boxLoss(double[] box, double[] target, Weights weights, double factor, double[] gradient) {
        double l1 = 0;
        for (int k = 0; k < BOX; k++) {
            l1 += Math.abs(box[k] - target[k]);
            gradient[k] += factor * weights.l1 * Math.signum(box[k] - target[k]);
        }
        double giou = BoxOverlap.generalized(box, target, gradient, -factor * weights.giou);
        return factor * (weights.l1 * l1 + weights.giou * (1 - giou));
    }

    private static int[] match(double[][] logProbabilities, double[][] boxes, List<Target> targets, Weights weights) {
        double[][] costs = new double[targets.size()][boxes.length];
        for (int t = 0; t < costs.length; t++) {
            Target target = targets.get(t);
            for (int i = 0; i < boxes.length; i++) {
                double probability = 0;
                for (int token : target.tokens) {
                    probability += Math.exp(logProbabilities[i][token]) / target.tokens.length;
                }
                double l1 = 0;
                for (int k = 0; k < BOX; k++) {
                    l1 += Math.abs(boxes[i][k] - target.box[k]);
                }
                costs[t][i] = -weights.tokens * probability
                        + weights.l1 * l1
                        - weights.giou * BoxOverlap.generalized(boxes[i], target.box);
            }
        }
        return Assignment.of(costs);
    }

    private static double[] logSoftmax(double[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - largest);
        }
        double[] result = new double[logits.length];
        for (int c = 0; c < result.length; c++) {
            result[c] = logits[c] - largest - Math.log(sum);
        }
        return result;
    }
}
