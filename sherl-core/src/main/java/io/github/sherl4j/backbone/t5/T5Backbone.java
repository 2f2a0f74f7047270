package io.github.sherl4j.backbone.t5;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.Fingerprint;
import io.github.sherl4j.backbone.HuggingFaceFolder;
import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.SequenceNetwork;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.layer.BranchLayer;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.RmsNorm;
import io.github.sherl4j.layer.Source;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * T5 in its version 1.0 or 1.1 with its output table. States are [batch, tokens, width]: state 0 of each side the embeddings,
 * state i the result of block i - 1, which nothing has normalised. Scores of padding get -10000 in the encoder and a billion below
 * in cross-attention, as in the original.
 */
public final class T5Backbone implements SequenceNetwork {
    private static final double HIDDEN_SOURCE = 1e9;

    private final T5Config config;
    private final NamedParameters named;
    private final T5Side encoder;
    private final T5Side decoder;
    private final Parameter output;
    private final @Nullable TextTokenizer tokenizer;
    private final String fingerprint;

    private T5Backbone(T5Config config, DataType type, NamedParameters named, @Nullable TextTokenizer tokenizer) {
        this.config = config;
        this.named = named;
        this.tokenizer = tokenizer;
        this.encoder = new T5Side(T5Names.ENCODER, config, type, named);
        this.decoder = new T5Side(T5Names.DECODER, config, type, named);
        this.output = named.get(config.tied() ? T5Names.SHARED : T5Names.OUTPUT);
        this.fingerprint = Fingerprint.of(config.toString(), named.all());
    }

    /**
     * Loads a Hugging Face folder: {@code config.json}, {@code model.safetensors}, {@code tokenizer.json}.
     *
     * @throws IOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file is malformed or describes another kind of network
     */
    public static T5Backbone load(Path folder) throws IOException {
        return HuggingFaceFolder.load(folder, T5ConfigFile::read, T5Backbone::load);
    }

    /**
     * Loads weights under Hugging Face names.
     *
     * @param weights read, not closed
     * @param tokenizer owned by the network from now on; null if texts come tokenized
     * @param type FLOAT, or DOUBLE for checks of gradients
     * @throws IllegalArgumentException if weights are missing or have other shapes; all of them are listed
     */
    public static T5Backbone load(
            T5Config config, WeightSource weights, @Nullable TextTokenizer tokenizer, DataType type) {
        return new T5Backbone(config, type, T5Names.read(config, weights, type), tokenizer);
    }

    /**
     * A network with random weights, as T5 starts its pre-training.
     *
     * @param tokenizer owned by the network from now on; null if texts come tokenized
     */
    public static T5Backbone random(T5Config config, @Nullable TextTokenizer tokenizer, DataType type, long seed) {
        return new T5Backbone(config, type, T5Names.random(config, type, seed), tokenizer);
    }

    /** The sizes. */
    public T5Config config() {
        return config;
    }

    @Override
    public Backbone<SequenceBatch> encoder() {
        return encoder;
    }

    @Override
    public Backbone<SequenceBatch> decoder() {
        return decoder;
    }

    @Override
    public Layer encoderNorm() {
        return norm(named.get(T5Names.ENCODER + T5Names.FINAL_NORM));
    }

    @Override
    public Layer decoderNorm() {
        return norm(named.get(T5Names.DECODER + T5Names.FINAL_NORM));
    }

    @Override
    public Layer newEncoderNorm() {
        return copyOf(T5Names.ENCODER + T5Names.FINAL_NORM);
    }

    @Override
    public Layer newDecoderNorm() {
        return copyOf(T5Names.DECODER + T5Names.FINAL_NORM);
    }

    private Layer copyOf(String name) {
        return norm(Parameter.unregularized(
                T5Names.FINAL_NORM, named.get(name).value().dup('c')));
    }

    private RmsNorm norm(Parameter scale) {
        return new RmsNorm(scale, config.normEps());
    }

    @Override
    public Source source(Context encoderContext, INDArray memory, @Nullable INDArray gradMemory) {
        INDArray mask = Objects.requireNonNull(encoderContext.mask(), "mask");
        return new Source(memory, T5Side.hidden(encoderContext.memory(), mask, HIDDEN_SOURCE), gradMemory);
    }

    @Override
    public List<BranchLayer> decoderBlocks() {
        return decoder.branchBlocks();
    }

    @Override
    public void embedNext(INDArray ids, Memory memory, INDArray result) {
        decoder.embedding().infer(memory, ids, memory.rows(result));
    }

    @Override
    public Context nextContext(Memory memory, long position) {
        Check.argument(
                position < config.maxTokens(),
                "position must be less than %s, the most tokens that the decoder takes, but is %s",
                config.maxTokens(),
                position);
        return new Context(memory, null, null, OptionalLong.empty())
                .withPositionBias(decoder.positions().ofNext(memory, position));
    }

    @Override
    public Parameter outputTable() {
        return output;
    }

    @Override
    public boolean tiedOutput() {
        return config.tied();
    }

    /** 1 / sqrt(width) before a tied table, whose numbers are as large as embeddings want them; else 1. */
    @Override
    public double outputScale() {
        return config.tied() ? 1 / Math.sqrt((double) config.width()) : 1;
    }

    @Override
    public List<Parameter> parameters() {
        return named.all();
    }

    @Override
    public int vocabulary() {
        return config.vocabulary();
    }

    @Override
    public int width() {
        return config.width();
    }

    @Override
    public int maxTokens() {
        return config.maxTokens();
    }

    @Override
    public int startToken() {
        return config.startToken();
    }

    @Override
    public int endToken() {
        return config.endToken();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public TextTokenizer tokenizer() {
        if (tokenizer == null) {
            throw new IllegalStateException("This network was made without a tokenizer, so it takes no texts");
        }
        return tokenizer;
    }

    @Override
    public void close() {
        named.all().forEach(Parameter::close);
        encoder.closeConstants();
        decoder.closeConstants();
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
