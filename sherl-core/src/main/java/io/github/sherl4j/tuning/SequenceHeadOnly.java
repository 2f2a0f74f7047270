package io.github.sherl4j.tuning;

import io.github.sherl4j.backbone.SequenceNetwork;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.head.VocabularyHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
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
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Training of an encoder-decoder's head alone: the decoder's last norm and the output table learn, as copies, since a tied table is
 * that of the embeddings too. The whole network runs in inference and keeps nothing.
 */
public final class SequenceHeadOnly implements SequenceRoute {
    private final SequenceNetwork network;
    private final HeadOnly<SequenceBatch> encoder;
    private final HeadOnly<SequenceBatch> decoder;
    private final Layer norm;
    private final Parameter table;

    /** A route through a frozen network, with a norm and an output table of its own. */
    public SequenceHeadOnly(SequenceNetwork network) {
        this.network = network;
        this.encoder = new HeadOnly<>(network.encoder());
        this.decoder = new HeadOnly<>(network.decoder());
        this.norm = network.newDecoderNorm();
        this.table =
                Parameter.weight("output.weight", network.outputTable().value().dup('c'));
    }

    /**
     * A model whose head alone learns.
     *
     * @param network shared; stays open and unchanged
     */
    public static SequenceModel model(SequenceNetwork network, SequenceOptions options) {
        return new SequenceModel(network, new SequenceHeadOnly(network), options);
    }

    private record Kept(LayerStep norm) implements RouteStep {
        @Override
        public void backward(INDArray gradOutput) {
            norm.backward(gradOutput);
        }
    }

    @Override
    public void infer(SequenceBatch batch, Context context, INDArray result) {
        lastState(batch, context, result);
        norm.infer(result, context, result);
    }

    @Override
    public RouteStep forward(SequenceBatch batch, Context context, INDArray result) {
        lastState(batch, context, result);
        return new Kept(norm.forward(result, context, result));
    }

    private void lastState(SequenceBatch batch, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            Source source = source(batch, context, memory.scratch());
            Context reading =
                    network.decoder().context(memory, batch, context.seed()).withSource(source);
            decoder.infer(batch, reading, result);
        }
    }

    private Source source(SequenceBatch batch, Context context, Arena lifetime) {
        return plainSource(network, encoder, batch, context, lifetime);
    }

    /** The network's own memory of a batch, in inference. */
    static Source plainSource(
            SequenceNetwork network,
            HeadOnly<SequenceBatch> encoder,
            SequenceBatch batch,
            Context context,
            Arena lifetime) {
        INDArray states = lifetime.array(encoder.resultShape(batch));
        encoder.infer(batch, context, states);
        network.encoderNorm().infer(states, context, states);
        return network.source(context, states, null);
    }

    @Override
    public Decoding decoding(SequenceBatch batch, Context context, long maxTokens) {
        Source source = source(batch, context, context.memory().step());
        return StepwiseDecoder.plain(network, context, source, norm, maxTokens);
    }

    @Override
    public VocabularyHead head() {
        return new VocabularyHead(table, network.outputScale());
    }

    @Override
    public long[] resultShape(SequenceBatch batch) {
        return decoder.resultShape(batch);
    }

    @Override
    public List<Parameter> trainable() {
        return Stream.concat(norm.parameters().stream(), Stream.of(table)).toList();
    }
}
