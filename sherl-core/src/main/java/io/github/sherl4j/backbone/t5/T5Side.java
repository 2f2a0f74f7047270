package io.github.sherl4j.backbone.t5;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.CausalBias;
import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.layer.Attention;
import io.github.sherl4j.layer.BranchLayer;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.CrossAttention;
import io.github.sherl4j.layer.Embedding;
import io.github.sherl4j.layer.FeedForward;
import io.github.sherl4j.layer.GatedFeedForward;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.PositionBias;
import io.github.sherl4j.layer.PositionedSelfAttention;
import io.github.sherl4j.layer.RelativePositions;
import io.github.sherl4j.layer.Residual;
import io.github.sherl4j.layer.ResidualBlock;
import io.github.sherl4j.layer.RmsNorm;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One side of a T5. Its stem looks tokens up and does nothing else: positions act in attention alone, and those of the first
 * block serve all.
 */
final class T5Side implements Backbone<SequenceBatch> {
    private static final double HIDDEN_SCORE = 10000;

    private final String name;
    private final T5Config config;
    private final DataType type;
    private final Embedding embedding;
    private final RelativePositions positions;
    private final CausalBias causal;
    private final List<BranchLayer> blocks;
    private final List<Parameter> parameters;

    T5Side(String name, T5Config config, DataType type, NamedParameters named) {
        this.name = name;
        this.config = config;
        this.type = type;
        this.embedding = new Embedding(named.get(T5Names.SHARED));
        this.positions = new RelativePositions(
                named.get(name + T5Names.POSITIONS), isEncoder(), config.maxDistance(), config.maxTokens());
        this.causal = new CausalBias(type, config.maxTokens());
        int count = isEncoder() ? config.layers() : config.decoderLayers();
        List<BranchLayer> chain = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chain.add(block(named, T5Names.block(name, i)));
        }
        this.blocks = List.copyOf(chain);
        this.parameters = named.all().stream()
                .filter(p -> p.name().startsWith(name) || p.name().equals(T5Names.SHARED))
                .toList();
    }

    private boolean isEncoder() {
        return name.equals(T5Names.ENCODER);
    }

    private BranchLayer block(NamedParameters named, String block) {
        List<Residual> parts = new ArrayList<>();
        Attention self = attention(named, block + "layer.0.SelfAttention.");
        parts.add(residual(named, block + "layer.0.", new PositionedSelfAttention(self)));
        if (!isEncoder()) {
            Attention cross = attention(named, block + "layer.1.EncDecAttention.");
            parts.add(residual(named, block + "layer.1.", new CrossAttention(cross)));
        }
        String last = block + T5Names.feedForward(name);
        parts.add(residual(named, last, feedForward(named, last + "DenseReluDense.")));
        return new ResidualBlock(parts);
    }

    private Residual residual(NamedParameters named, String layer, BranchLayer branch) {
        return new Residual(new RmsNorm(named.get(layer + "layer_norm.weight"), config.normEps()), branch);
    }

    private Attention attention(NamedParameters named, String attention) {
        return new Attention(
                projection(named, attention + "q"),
                projection(named, attention + "k"),
                projection(named, attention + "v"),
                projection(named, attention + "o"),
                config.heads(),
                1);
    }

    private BranchLayer feedForward(NamedParameters named, String network) {
        Linear outer = projection(named, network + "wo");
        return config.gated()
                ? new GatedFeedForward(
                        projection(named, network + "wi_0"),
                        projection(named, network + "wi_1"),
                        outer,
                        Activation.TANH_GELU)
                : new FeedForward(projection(named, network + "wi"), outer, Activation.RELU);
    }

    private static Linear projection(NamedParameters named, String linear) {
        return new Linear(named.get(linear + ".weight"), null);
    }

    private final class T5Stem implements Stem<SequenceBatch> {
        private record Kept(T5Side side, SequenceBatch batch, Context context) implements StemStep {
            @Override
            public void backward(INDArray gradOutput) {
                Memory memory = context.memory();
                side.embedding.addGradients(memory, side.flatIds(batch, memory), memory.rows(gradOutput));
                PositionBias bias = context.positionBias();
                if (bias != null) {
                    side.positions.addGradient(memory, bias);
                }
            }
        }

        @Override
        public void infer(SequenceBatch batch, Context context, INDArray result) {
            Memory memory = context.memory();
            embedding.infer(memory, flatIds(batch, memory), memory.rows(result));
        }

        @Override
        public StemStep forward(SequenceBatch batch, Context context, INDArray result) {
            infer(batch, context, result);
            return new Kept(T5Side.this, batch, context);
        }
    }

    private INDArray flatIds(SequenceBatch batch, Memory memory) {
        INDArray ids = isEncoder() ? batch.source().ids() : batch.decoderIds();
        return memory.reshape(ids, ids.length());
    }

    @Override
    public Stem<SequenceBatch> stem() {
        return new T5Stem();
    }

    @Override
    public List<Layer> blocks() {
        return List.copyOf(blocks);
    }

    List<BranchLayer> branchBlocks() {
        return blocks;
    }

    Embedding embedding() {
        return embedding;
    }

    RelativePositions positions() {
        return positions;
    }

    @Override
    public long[] stateShape(SequenceBatch batch) {
        long tokens = isEncoder() ? batch.source().tokens() : batch.targetTokens();
        return new long[] {batch.size(), tokens, config.width()};
    }

    @Override
    public long width() {
        return config.width();
    }

    @Override
    public DataType type() {
        return type;
    }

    @Override
    public Context context(Memory memory, SequenceBatch batch, OptionalLong seed) {
        return isEncoder() ? encoderContext(memory, batch.source(), seed) : decoderContext(memory, batch, seed);
    }

    private Context encoderContext(Memory memory, TokenBatch texts, OptionalLong seed) {
        check("text", texts.tokens(), texts.maxId());
        INDArray mask = memory.step().array(texts.size(), texts.tokens());
        memory.ops().copy(texts.mask(), mask);
        INDArray bias = hidden(memory, mask, HIDDEN_SCORE);
        return new Context(memory, mask, bias, seed).withPositionBias(positions.of(memory, texts.tokens()));
    }

    private Context decoderContext(Memory memory, SequenceBatch batch, OptionalLong seed) {
        check("target", batch.targetTokens(), batch.maxTargetId());
        INDArray bias = causal.of(memory, batch.targetTokens());
        return new Context(memory, null, bias, seed).withPositionBias(positions.of(memory, batch.targetTokens()));
    }

    private void check(String what, int tokens, int maxId) {
        Check.argument(
                tokens <= config.maxTokens(),
                "batch has a %s of %s tokens, but this network's %s takes at most %s",
                what,
                tokens,
                isEncoder() ? "encoder" : "decoder",
                config.maxTokens());
        Check.argument(
                maxId < config.vocabulary(),
                "batch has a %s with the token id %s, but this network's vocabulary has %s entries",
                what,
                maxId,
                config.vocabulary());
    }

    /** {@code (mask - 1) * score}: [batch, 1, 1, tokens], in the step arena. */
    static INDArray hidden(Memory memory, INDArray mask, double score) {
        INDArray bias = memory.step().array(mask.size(0), 1, 1, mask.size(1));
        INDArray rows = memory.reshape(bias, mask.size(0), mask.size(1));
        memory.ops().add(mask, -1, rows);
        memory.ops().multiply(rows, score, rows);
        return bias;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public String fingerprint() {
        throw new UnsupportedOperationException("One side of a T5 has no fingerprint of its own; the network has");
    }

    /** Frees what is no weight; those belong to the network. */
    @Override
    public void close() {
        // the network closes both sides
    }

    void closeConstants() {
        positions.close();
        causal.close();
    }
}
