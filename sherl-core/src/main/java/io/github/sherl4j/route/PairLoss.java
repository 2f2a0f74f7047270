package io.github.sherl4j.route;

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
}
