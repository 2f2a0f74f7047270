package io.github.sherl4j.tuning;

import io.github.sherl4j.backbone.detr.DecoderBlock;
import io.github.sherl4j.backbone.detr.DetrTransformer;
import io.github.sherl4j.backbone.detr.EncoderBlock;
import io.github.sherl4j.backbone.detr.Scene;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.route.FrozenScene;
import io.github.sherl4j.route.SceneRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Full fine-tuning of an encoder and a decoder. Each block of the decoder gives a result behind the decoder's norm, and all of them
 * are trained, as in DETR.
 */
public final class FullScene implements SceneRoute {
    private final DetrTransformer transformer;
    private final FrozenScene inference;

    /** A route through a transformer that is trained as a whole; its weights change and end with the model. */
    public FullScene(DetrTransformer transformer) {
        this.transformer = transformer;
        this.inference = new FrozenScene(transformer);
    }

    private record Kept(
            Scene scene,
            INDArray plain,
            List<EncoderBlock.Kept> encoder,
            List<DecoderBlock.Kept> decoder,
            List<LayerStep> norms)
            implements SceneStep {
        @Override
        public void backward(List<INDArray> gradients, @Nullable INDArray gradSource, @Nullable INDArray gradQueries) {
            Memory memory = scene.context().memory();
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradPlain = memory.scratch().array(plain.shape());
                memory.ops().zero(gradPlain);
                INDArray gradient = memory.scratch().array(gradients.get(0).shape());
                memory.ops().zero(gradient);
                for (int i = decoder.size() - 1; i >= 0; i--) {
                    norms.get(i).backward(gradients.get(i));
                    memory.ops().add(gradient, gradients.get(i), gradient);
                    decoder.get(i).backward(gradient, gradPlain, gradQueries);
                }
                for (int i = encoder.size() - 1; i >= 0; i--) {
                    encoder.get(i).backward(gradPlain);
                }
                if (gradSource != null) {
                    memory.ops().add(gradSource, gradPlain, gradSource);
                }
            }
        }
    }

    @Override
    public int results() {
        return transformer.decoder().size();
    }

    @Override
    public void infer(Scene scene, INDArray source, INDArray result) {
        inference.infer(scene, source, result);
    }

    @Override
    public SceneStep forward(Scene scene, INDArray source, List<INDArray> results) {
        Memory memory = scene.context().memory();
        Arena step = memory.step();
        List<EncoderBlock.Kept> encoder = new ArrayList<>();
        INDArray plain = source;
        for (EncoderBlock block : transformer.encoder()) {
            INDArray next = step.array(source.shape());
            encoder.add(block.forward(plain, scene, next));
            plain = next;
        }
        List<DecoderBlock.Kept> decoder = new ArrayList<>();
        List<LayerStep> norms = new ArrayList<>();
        INDArray state = step.array(results.get(0).shape());
        memory.ops().zero(state);
        for (int i = 0; i < transformer.decoder().size(); i++) {
            INDArray next = step.array(state.shape());
            decoder.add(transformer.decoder().get(i).forward(state, plain, scene, next));
            norms.add(transformer.norm().forward(next, scene.context(), results.get(i)));
            state = next;
        }
        return new Kept(scene, plain, encoder, decoder, norms);
    }

    @Override
    public Map<String, List<Parameter>> trainable() {
        return Map.of("transformer.", transformer.parameters());
    }
}
