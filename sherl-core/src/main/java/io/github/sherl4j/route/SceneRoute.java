package io.github.sherl4j.route;

import io.github.sherl4j.backbone.detr.Scene;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A way through an encoder and a decoder: the methods of fine-tuning differ in nothing else. */
public interface SceneRoute {
    /** How many states of the queries it gives, each of which is trained; the last one answers. */
    int results();

    /**
     * Computes the last result and keeps nothing.
     *
     * @param source what the encoder reads, [batch, positions, width], not modified
     * @param result [batch, queries, width], overwritten
     */
    void infer(Scene scene, INDArray source, INDArray result);

    /**
     * Computes and keeps what the backward pass needs.
     *
     * @param source what the encoder reads, [batch, positions, width], not modified; lives as long as the step
     * @param results as many as {@link #results} says, each [batch, queries, width], overwritten
     */
    SceneStep forward(Scene scene, INDArray source, List<INDArray> results);

    /** The parameters that this route trains, by what their names start with in files; none if only the heads learn. */
    Map<String, List<Parameter>> trainable();

    /** What a forward pass keeps. */
    interface SceneStep extends Step {
        /**
         * Adds the gradients of the route's parameters.
         *
         * @param gradients one for each result, overwritten
         * @param gradSource [batch, positions, width], added to; null if nobody wants it, or nothing in front of the encoder learns
         * @param gradQueries [batch, queries, width], added to; null likewise
         */
        void backward(List<INDArray> gradients, @Nullable INDArray gradSource, @Nullable INDArray gradQueries);
    }
}
