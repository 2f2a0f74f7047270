package io.github.sherl4j.route;

import io.github.sherl4j.backbone.SequenceNetwork;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.head.VocabularyHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** SHERL through an encoder-decoder for texts; the output table stays frozen, as published. */
public final class SherlSequenceRoute implements SequenceRoute {
    private final SequenceNetwork network;
    private final EncoderDecoderRoute<SequenceBatch> route;

    /** A route over one that is made already. */
    public SherlSequenceRoute(SequenceNetwork network, EncoderDecoderRoute<SequenceBatch> route) {
        this.network = network;
        this.route = route;
    }

    /**
     * A route with new adapters and norms.
     *
     * @param network shared; stays open and unchanged
     */
    public static SherlSequenceRoute of(SequenceNetwork network, EncoderDecoderConfig config) {
        return new SherlSequenceRoute(network, EncoderDecoderRoute.of(network, config));
    }

    @Override
    public long[] resultShape(SequenceBatch batch) {
        return route.resultShape(batch);
    }

    @Override
    public void infer(SequenceBatch batch, Context context, INDArray result) {
        route.infer(batch, context, result);
    }

    @Override
    public EncoderDecoderRoute.Kept forward(SequenceBatch batch, Context context, INDArray result) {
        return route.forward(batch, context, result);
    }

    @Override
    public Decoding decoding(SequenceBatch batch, Context context, long maxTokens) {
        EncoderDecoderRoute.Memories memories =
                route.memories(batch, context, context.memory().step());
        return StepwiseDecoder.adapted(network, context, memories, route, maxTokens);
    }

    @Override
    public VocabularyHead head() {
        return new VocabularyHead(network.outputTable(), network.outputScale());
    }

    @Override
    public List<Parameter> trainable() {
        return route.trainable();
    }

    @Override
    public Map<String, List<Parameter>> named() {
        return route.sides();
    }
}
