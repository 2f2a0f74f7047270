package io.github.sherl4j.backbone.bert;

import io.github.sherl4j.backbone.Fingerprint;
import io.github.sherl4j.backbone.HuggingFaceFolder;
import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.PostNormBlocks;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.backbone.WordEmbeddings;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Embedding;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * BERT, RoBERTa or DistilBERT without pooler and language model head; {@link BertFamily} tells how they differ. States are [batch, tokens, width]: state 0 the embeddings, state i the
 * result of block i - 1. Padding gets -10000 added to its attention scores, as in the original.
 */
public final class BertBackbone implements TextBackbone {
    private static final double MASKED_SCORE = 10000;

    private final BertConfig config;
    private final DataType type;
    private final List<Parameter> parameters;
    private final WordEmbeddings stem;
    private final List<Layer> blocks;
    private final @Nullable TextTokenizer tokenizer;
    private final String fingerprint;

    private BertBackbone(BertConfig config, DataType type, NamedParameters named, @Nullable TextTokenizer tokenizer) {
        this.config = config;
        this.type = type;
        this.parameters = named.all();
        this.tokenizer = tokenizer;
        BertFamily family = config.family();
        this.stem = new WordEmbeddings(
                new Embedding(named.get(BertNames.WORDS)),
                new Embedding(named.get(BertNames.POSITIONS)),
                family.firstPosition(),
                family.hasTypes() ? new Embedding(named.get(BertNames.TYPES)) : null,
                named.norm(BertNames.EMBEDDING_NORM, config.normEps()));
        List<Layer> chain = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            chain.add(PostNormBlocks.block(named, BertNames.block(i), config.heads(), config.normEps()));
        }
        this.blocks = List.copyOf(chain);
        this.fingerprint = Fingerprint.of(config.toString(), this.parameters);
    }

    /**
     * Loads a Hugging Face folder: {@code config.json}, whose {@code model_type} tells the family, {@code model.safetensors},
     * {@code tokenizer.json}.
     *
     * @throws IOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file is malformed or describes another kind of network
     */
    public static BertBackbone load(Path folder) throws IOException {
        return HuggingFaceFolder.load(folder, BertConfigFile::read, BertBackbone::load);
    }

    /**
     * Loads weights under Hugging Face names, with or without the family's prefix, such as {@code bert.}.
     *
     * @param weights read, not closed
     * @param tokenizer owned by the backbone from now on; null if texts come tokenized
     * @param type FLOAT, or DOUBLE for checks of gradients
     * @throws IllegalArgumentException if weights are missing or have other shapes; all of them are listed
     */
    public static BertBackbone load(
            BertConfig config, WeightSource weights, @Nullable TextTokenizer tokenizer, DataType type) {
        return new BertBackbone(config, type, BertNames.read(config, weights, type), tokenizer);
    }

    /** A network with random weights, normally distributed with deviation 0.02, as BERT starts its pre-training. */
    public static BertBackbone random(BertConfig config, @Nullable TextTokenizer tokenizer, DataType type, long seed) {
        return new BertBackbone(config, type, BertNames.shapes(config).random(type, seed), tokenizer);
    }

    /** The sizes. */
    public BertConfig config() {
        return config;
    }

    @Override
    public Stem<TokenBatch> stem() {
        return stem;
    }

    @Override
    public List<Layer> blocks() {
        return blocks;
    }

    @Override
    public long[] stateShape(TokenBatch batch) {
        return new long[] {batch.size(), batch.tokens(), config.width()};
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
    public Context context(Memory memory, TokenBatch batch, OptionalLong seed) {
        Check.argument(
                batch.tokens() <= config.maxTokens(),
                "batch has %s tokens, but this network takes at most %s",
                batch.tokens(),
                config.maxTokens());
        Check.argument(
                batch.maxId() < config.vocabulary(),
                "batch has the token id %s, but this network's vocabulary has %s entries",
                batch.maxId(),
                config.vocabulary());
        Check.argument(
                !config.family().hasTypes() || batch.maxType() < config.types(),
                "batch has the token type %s, but this network has %s types",
                batch.maxType(),
                config.types());
        INDArray mask = memory.step().array(batch.size(), batch.tokens());
        INDArray bias = memory.step().array(batch.size(), 1, 1, batch.tokens());
        memory.ops().copy(batch.mask(), mask);
        INDArray flatBias = memory.reshape(bias, batch.size(), batch.tokens());
        memory.ops().add(mask, -1, flatBias);
        memory.ops().multiply(flatBias, MASKED_SCORE, flatBias);
        return new Context(memory, mask, bias, seed);
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public int maxTokens() {
        return config.maxTokens();
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
        parameters.forEach(Parameter::close);
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
