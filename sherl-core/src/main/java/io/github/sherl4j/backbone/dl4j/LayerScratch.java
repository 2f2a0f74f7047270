package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Memory;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Where one of Deeplearning4j's own layers computes: a workspace of the thread that is as large as the most that any layer
 * needed, and ends with the layer. Whatever a layer returns has to be copied out before.
 */
final class LayerScratch {
    private static final String NAME = "SHERL_LAYER";
    private static final String LOOP_NAME = "SHERL_LAYER_LOOP";
    private static final WorkspaceConfiguration CONFIGURATION = WorkspaceConfiguration.builder()
            .initialSize(0)
            .overallocationLimit(0.02)
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policyReset(ResetPolicy.BLOCK_LEFT)
            .policySpill(SpillPolicy.REALLOCATE)
            .policyAllocation(AllocationPolicy.OVERALLOCATE)
            .build();

    private LayerScratch() {}

    /**
     * Runs a computation of Deeplearning4j in the workspace.
     *
     * @param computation returns arrays that may lie in the workspace
     * @param consumer takes what the computation returned and copies it; runs outside of the workspace, since arenas and
     *     everything else that lives longer must not grow in it
     */
    static <T> void run(Supplier<T> computation, Consumer<T> consumer) {
        try (MemoryWorkspace workspace = Nd4j.getWorkspaceManager()
                .getWorkspaceForCurrentThread(CONFIGURATION, NAME)
                .notifyScopeEntered()) {
            T computed = computation.get();
            try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
                consumer.accept(computed);
            }
        }
    }

    /** Runs a computation with one array as its result, which is copied to a place. */
    static INDArray run(Memory memory, Place place, Supplier<INDArray> computation) {
        INDArray[] result = new INDArray[1];
        run(computation, computed -> {
            result[0] = place.array(computed.shape().clone());
            memory.ops().copy(computed, result[0]);
        });
        return result[0];
    }

    /** A manager that sends everything a layer makes into the workspace. Recurrent layers open a second one for each time step. */
    static LayerWorkspaceMgr manager() {
        return LayerWorkspaceMgr.builder()
                .with(ArrayType.RNN_FF_LOOP_WORKING_MEM, LOOP_NAME, CONFIGURATION)
                .with(ArrayType.RNN_BP_LOOP_WORKING_MEM, LOOP_NAME, CONFIGURATION)
                .defaultWorkspace(NAME, CONFIGURATION)
                .build();
    }
}
