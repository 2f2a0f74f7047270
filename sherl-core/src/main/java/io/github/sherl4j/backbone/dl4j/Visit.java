package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.deeplearning4j.nn.api.MaskState;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a node sees when a walk comes to it.
 *
 * @param memory where to compute
 * @param batch number of examples
 * @param inputs results of the nodes before it, not to be modified
 * @param masks what came with each input
 */
record Visit(Memory memory, int batch, List<INDArray> inputs, List<Masked> masks) {
    INDArray input() {
        return inputs.get(0);
    }

    boolean masked() {
        return masks.stream().anyMatch(masked -> masked.mask() != null);
    }

    /** The masks as vertices take them, or null if there is none. */
    INDArray @Nullable [] maskArrays() {
        return masked() ? masks.stream().map(Masked::mask).toArray(INDArray[]::new) : null;
    }

    /** The state that Deeplearning4j would hand to a vertex with these inputs. */
    @Nullable
    MaskState maskState() {
        MaskState state = null;
        for (Masked masked : masks) {
            if (state == null || state == MaskState.Passthrough) {
                state = masked.state();
            }
        }
        return state;
    }
}
