package io.github.sherl4j.loss;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The symmetric cross-entropy of matching pairs (Radford et al. 2021, CLIP): with logits
 * {@code l_ij = scale * images_i . texts_j} over a batch, in which pair i is image i and text i,
 *
 * <pre>
 * loss = (mean_i -log softmax_j(l_ij)[i]  +  mean_j -log softmax_i(l_ij)[j]) / 2
 * </pre>
 *
 * <p>The similarity is the cosine if the embeddings have length 1; this function does not normalise. A batch is its own set
 * of negatives, so all its embeddings are needed at once.
 */
public final class ContrastiveLoss {
    private ContrastiveLoss() {}

    /**
     * Value and gradients.
     *
     * @param value the loss
     * @param gradImages [pairs, embed], {@code weight} times the value's gradient; in the scratch arena, in the caller's
     *     scope
     * @param gradTexts [pairs, embed], the same for the texts
     * @param gradLogScale [1], the same for the logarithm of the scale; null if the scale is a constant
     */
    public record Result(
            double value,
            INDArray gradImages,
            INDArray gradTexts,
            @Nullable INDArray gradLogScale) {}

    /**
     * Computes both at a constant temperature.
     *
     * @param images [pairs, embed], not modified
     * @param texts [pairs, embed], row i belongs to image i; not modified
     * @param temperature what similarities are divided by: 1 / scale; positive
     * @param weight factor of the gradients
     * @throws IllegalArgumentException if there is one pair only, which has no negatives
     */
    public static Result of(Memory memory, INDArray images, INDArray texts, double temperature, double weight) {
        Check.argument(
                temperature > 0 && temperature < Double.POSITIVE_INFINITY,
                "temperature must be positive and finite, but is %s",
                temperature);
        checkPairs(images, texts);
        return compute(memory, images, texts, memory.ops().number(1 / temperature), null, weight);
    }

    /**
     * Computes both with a scale that is learned, by its logarithm, as CLIP does.
     *
     * @param images [pairs, embed], not modified
     * @param texts [pairs, embed], row i belongs to image i; not modified
     * @param logScale [1], the natural logarithm of the scale, not modified
     * @param weight factor of the gradients
     * @throws IllegalArgumentException if there is one pair only, which has no negatives
     */
    public static Result of(Memory memory, INDArray images, INDArray texts, INDArray logScale, double weight) {
        checkPairs(images, texts);
        Check.shape("logScale", logScale, 1);
        INDArray gradLogScale = memory.scratch().array(1);
        INDArray scale = memory.scratch().array(1);
        memory.ops().exp(logScale, scale);
        return compute(memory, images, texts, scale, gradLogScale, weight);
    }

    private static void checkPairs(INDArray images, INDArray texts) {
        Check.shape("images", images, Check.ANY, Check.ANY);
        Check.shape("texts", texts, images.shape());
        Check.argument(
                images.size(0) >= 2,
                "images and texts must be at least 2 pairs, since the negatives come from the batch, but are %s",
                images.size(0));
    }

    private static Result compute(
            Memory memory,
            INDArray images,
            INDArray texts,
            INDArray scale,
            @Nullable INDArray gradLogScale,
            double weight) {
        INDArray gradImages = memory.scratch().array(images.shape());
        INDArray gradTexts = memory.scratch().array(images.shape());
        Ops ops = memory.ops();
        if (gradLogScale != null) {
            ops.zero(gradLogScale);
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradient = memory.scratch().array(images.size(0), images.size(0));
            double value = oneWay(memory, images, texts, scale, gradLogScale, weight, gradient);
            ops.product(gradient, texts, gradImages);
            ops.product(gradient, images, gradTexts, true, false, 1, 0);
            value += oneWay(memory, texts, images, scale, gradLogScale, weight, gradient);
            ops.product(gradient, images, gradTexts, false, false, 1, 1);
            ops.product(gradient, texts, gradImages, true, false, 1, 1);
            return new Result(value, gradImages, gradTexts, gradLogScale);
        }
    }

    /** Half the loss of queries among candidates, and its gradient [pairs, pairs] with respect to {@code q_i . c_j}. */
    private static double oneWay(
            Memory memory,
            INDArray queries,
            INDArray candidates,
            INDArray scale,
            @Nullable INDArray gradLogScale,
            double weight,
            INDArray gradient) {
        Ops ops = memory.ops();
        long pairs = queries.size(0);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray logits = memory.scratch().array(pairs, pairs);
            ops.product(queries, candidates, logits, false, true, 1, 0);
            ops.multiply(logits, scale, logits);
            CrossEntropy.Result loss = CrossEntropy.of(memory, logits, ops.identity(pairs), weight / 2);
            ops.multiply(loss.gradient(), scale, gradient);
            if (gradLogScale != null) {
                INDArray sum = memory.scratch().array(1, 1);
                ops.multiply(logits, loss.gradient(), logits);
                ops.sumRows(memory.reshape(logits, 1, logits.length()), sum);
                ops.add(gradLogScale, memory.reshape(sum, 1), gradLogScale);
            }
            return loss.value() / 2;
        }
    }
}
