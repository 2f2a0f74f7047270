package io.github.sherl4j.tuning;

import io.github.sherl4j.backbone.SequenceNetwork;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.head.VocabularyHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Source;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.route.Decoding;
import io.github.sherl4j.route.SequenceModel;
import io.github.sherl4j.route.SequenceOptions;
import io.github.sherl4j.route.SequenceRoute;
import io.github.sherl4j.route.StepwiseDecoder;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Full fine-tuning of an encoder-decoder: every parameter learns, the embeddings and the output table among them. It changes the
 * network and takes its weights over: when the model is closed, they are gone, so no other model may share this network.
 */
public final class SequenceFullTuning implements SequenceRoute {
    private final SequenceNetwork network;
    private final FullTuning<SequenceBatch> encoder;
    private final FullTuning<SequenceBatch> decoder;
    private final HeadOnly<SequenceBatch> inference;

    /** A route through a network that is trained as a whole. */
    public SequenceFullTuning(SequenceNetwork network) {
        this.network = network;
        this.encoder = new FullTuning<>(network.encoder());
        this.decoder = new FullTuning<>(network.decoder());
        this.inference = new HeadOnly<>(network.encoder());
    }

    /**
     * A model whose parameters all learn.
     *
     * @param network for this model alone; its weights change and end with the model
     */
    public static SequenceModel model(SequenceNetwork network, SequenceOptions options) {
        return new SequenceModel(network, new SequenceFullTuning(network), options);
    }

    private record Kept(
            Context context,
            RouteStep encoder,
            LayerStep encoderNorm,
            RouteStep decoder,
            LayerStep decoderNorm,
            INDArray gradMemory)
            implements RouteStep {
        @Override
        public void backward(INDArray gradOutput) {
            context.memory().ops().zero(gradMemory);
            decoder.backward(decoderNorm.backward(gradOutput));
            encoder.backward(encoderNorm.backward(gradMemory));
        }
    }

    @Override
    public void infer(SequenceBatch batch, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            Source source = SequenceHeadOnly.plainSource(network, inference, batch, context, memory.scratch());
            Context reading =
                    network.decoder().context(memory, batch, context.seed()).withSource(source);
            decoder.infer(batch, reading, result);
            network.decoderNorm().infer(result, reading, result);
        }
    }

    @Override
    public RouteStep forward(SequenceBatch batch, Context context, INDArray result) {
        Memory memory = context.memory();
        Arena step = memory.step();
        INDArray last = step.array(encoder.resultShape(batch));
        INDArray states = step.array(last.shape());
        INDArray gradMemory = step.array(last.shape());
        RouteStep encoderStep = encoder.forward(batch, context, last);
        LayerStep encoderNorm = network.encoderNorm().forward(last, context, states);
        Context reading = network.decoder()
                .context(memory, batch, context.seed())
                .withSource(network.source(context, states, gradMemory));
        RouteStep decoderStep = decoder.forward(batch, reading, result);
        LayerStep decoderNorm = network.decoderNorm().forward(result, reading, result);
        return new Kept(context, encoderStep, encoderNorm, decoderStep, decoderNorm, gradMemory);
    }

    @Override
    public Decoding decoding(SequenceBatch batch, Context context, long maxTokens) {
        Arena lifetime = context.memory().step();
        Source source = SequenceHeadOnly.plainSource(network, inference, batch, context, lifetime);
        return StepwiseDecoder.plain(network, context, source, network.decoderNorm(), maxTokens);
    }

    @Override
    public VocabularyHead head() {
        return new VocabularyHead(network.outputTable(), network.outputScale());
    }

    @Override
    public long[] resultShape(SequenceBatch batch) {
        return decoder.resultShape(batch);
    }

    @Override
    public List<Parameter> trainable() {
        return network.parameters();
    }
}
