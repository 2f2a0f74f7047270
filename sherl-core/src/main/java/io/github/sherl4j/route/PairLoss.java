package io.github.sherl4j.route;

import io.github.sherl4j.loss.ContrastiveLoss;
import io.github.sherl4j.loss.TripletLoss;
import io.github.sherl4j.nd.Memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A loss of matching pairs of embeddings, whose negatives come from the same batch. */
@FunctionalInterface
public interface PairLoss {
    /**
     * Value and gradients.
     *
     * @param gradImages [pairs, width], the weighted gradient with respect to the images' embeddings, in the scratch arena
     * @param gradTexts [pairs, width], the same for the texts
     */
    record Result(double value, INDArray gradImages, INDArray gradTexts) {}

    /**
     * Computes both.
     *
     * @param images [pairs, width], not modified
     * @param texts [pairs, width], not modified
     * @param weight factor of the gradients
     * @param epoch number of the epoch, from 0, for losses that change in the course of training
     */
    Result of(Memory memory, INDArray images, INDArray texts, double weight, int epoch);

    /**
     * The hinge loss of the paper's image-text system: all negatives in the first epochs, then the hardest.
     *
     * @param margin by how much a pair should be more similar than its negatives, 0.2 as published
     */
    static PairLoss triplet(double margin, TripletLoss.NegativesRamp ramp) {
        TripletLoss.Options options = TripletLoss.Options.defaults().withMargin(margin);
        return (memory, images, texts, weight, epoch) -> {
            TripletLoss.Result loss =
                    TripletLoss.of(memory, images, texts, options.withNegatives(ramp.at(epoch)), weight);
            return new Result(loss.value(), loss.gradImages(), loss.gradTexts());
        };
    }

    /**
     * The symmetric cross-entropy of the paper's video-text system.
     *
     * @param temperature what similarities are divided by, 0.01 in a trained CLIP
     */
    static PairLoss contrastive(double temperature) {
        return (memory, images, texts, weight, epoch) -> {
            ContrastiveLoss.Result loss = ContrastiveLoss.of(memory, images, texts, temperature, weight);
            return new Result(loss.value(), loss.gradImages(), loss.gradTexts());
        };
    }
}
