package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What one node's backward pass needs of its forward pass.
 *
 * @param memory where to compute
 * @param batch number of examples
 * @param inputs the inputs, or none if they are not kept
 * @param inputShapes shapes of all inputs
 * @param masks what came with each input
 * @param result the result, or null if it is not kept
 */
record KeptVisit(
        Memory memory,
        int batch,
        List<INDArray> inputs,
        List<long[]> inputShapes,
        List<Masked> masks,
        @Nullable INDArray result)
        implements Step {
    /** The visit again, for nodes that keep their inputs. */
    Visit visit() {
        return new Visit(memory, batch, inputs, masks);
    }

    INDArray keptResult() {
        return Objects.requireNonNull(result, "result");
    }
}
