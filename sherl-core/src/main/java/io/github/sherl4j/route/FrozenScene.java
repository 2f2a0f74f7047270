package io.github.sherl4j.route;

import io.github.sherl4j.backbone.detr.DecoderBlock;
import io.github.sherl4j.backbone.detr.DetrTransformer;
import io.github.sherl4j.backbone.detr.EncoderBlock;
import io.github.sherl4j.backbone.detr.Scene;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Training of the heads alone: the whole transformer runs in inference and keeps nothing. */
public final class FrozenScene implements SceneRoute {
    private final DetrTransformer transformer;

    /** A route through a frozen transformer. */
    public FrozenScene(DetrTransformer transformer) {
        this.transformer = transformer;
    }

    private record Kept() implements SceneStep {
        @Override
        public void backward(List<INDArray> gradients, @Nullable INDArray gradSource, @Nullable INDArray gradQueries) {
            // Nothing before the heads learns.
        }
    }

    @Override
    public int results() {
        return 1;
    }

    @Override
    public void infer(Scene scene, INDArray source, INDArray result) {
        Memory memory = scene.context().memory();
        Arena scratch = memory.scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray[] encoded = {scratch.array(source.shape()), scratch.array(source.shape())};
            INDArray plain = source;
            int turn = 0;
            for (EncoderBlock block : transformer.encoder()) {
                block.infer(plain, scene, encoded[turn]);
                plain = encoded[turn];
                turn = 1 - turn;
            }
            INDArray[] states = {scratch.array(result.shape()), scratch.array(result.shape())};
            memory.ops().zero(states[0]);
            turn = 0;
            for (DecoderBlock block : transformer.decoder()) {
                block.infer(states[turn], plain, scene, states[1 - turn]);
                turn = 1 - turn;
            }
            transformer.norm().infer(states[turn], scene.context(), result);
        }
    }

    @Override
    public SceneStep forward(Scene scene, INDArray source, List<INDArray> results) {
        infer(scene, source, results.get(0));
        return new Kept();
    }

    @Override
    public Map<String, List<Parameter>> trainable() {
        return Map.of();
    }
}
