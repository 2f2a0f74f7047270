package io.github.sherl4j.tuning;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.route.ClassifierOptions;
import io.github.sherl4j.route.ImageClassifier;
import io.github.sherl4j.route.ImageClassifierOptions;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.route.TextClassifier;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Full fine-tuning: every parameter of the network learns. It changes the network and takes its weights over: when the model
 * is closed, they are gone, so no other model may share this backbone.
 *
 * @param <B> a batch of the network's inputs
 */
public final class FullTuning<B> implements Route<B> {
    private final Backbone<B> backbone;
    private final HeadOnly<B> inference;

    /** A route through a network that is trained as a whole. */
    public FullTuning(Backbone<B> backbone) {
        this.backbone = backbone;
        this.inference = new HeadOnly<>(backbone);
    }

    /**
     * A classifier whose parameters all learn.
     *
     * @param backbone for this model alone; its weights change and end with the model
     */
    public static TextClassifier classifier(TextBackbone backbone, ClassifierOptions options) {
        return new TextClassifier(backbone, new FullTuning<>(backbone), options);
    }

    /**
     * A classifier of pictures whose parameters all learn.
     *
     * @param backbone for this model alone; its weights change and end with the model
     */
    public static ImageClassifier classifier(ImageBackbone backbone, ImageClassifierOptions options) {
        return new ImageClassifier(backbone, new FullTuning<>(backbone), options);
    }

    private record Kept(Backbone.StemStep stem, List<LayerStep> blocks) implements RouteStep {
        @Override
        public void backward(INDArray gradOutput) {
            INDArray gradient = gradOutput;
            for (int i = blocks.size() - 1; i >= 0; i--) {
                gradient = blocks.get(i).backward(gradient);
            }
            stem.backward(gradient);
        }
    }

    @Override
    public void infer(B batch, Context context, INDArray result) {
        inference.infer(batch, context, result);
    }

    @Override
    public RouteStep forward(B batch, Context context, INDArray result) {
        Arena step = context.memory().step();
        INDArray state = backbone.blocks().isEmpty() ? result : step.array(backbone.stateShape(batch));
        Backbone.StemStep stem = backbone.stem().forward(batch, context, state);
        List<LayerStep> steps = new ArrayList<>();
        List<Layer> blocks = backbone.blocks();
        for (int i = 0; i < blocks.size(); i++) {
            INDArray next =
                    i == blocks.size() - 1 ? result : step.array(blocks.get(i).outputShape(state.shape()));
            steps.add(blocks.get(i).forward(state, context, next));
            state = next;
        }
        return new Kept(stem, steps);
    }

    @Override
    public long[] resultShape(B batch) {
        return backbone.stateShape(batch, backbone.blocks().size());
    }

    @Override
    public List<Parameter> trainable() {
        return backbone.parameters();
    }

    /** Those of the network, which end with the model as its weights do. */
    @Override
    public List<Parameter> buffers() {
        return backbone.buffers();
    }
}
