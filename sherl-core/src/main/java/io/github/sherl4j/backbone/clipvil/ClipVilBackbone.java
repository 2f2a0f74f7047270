package io.github.sherl4j.backbone.clipvil;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.Fingerprint;
import io.github.sherl4j.backbone.HuggingFaceFolder;
import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.PostNormBlocks;
import io.github.sherl4j.backbone.WordEmbeddings;
import io.github.sherl4j.data.QuestionBatch;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Embedding;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import io.github.sherl4j.weights.SafeTensors;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * CLIP-ViL's joint transformer (Shen et al. 2022): states are [batch, tokens + features, width], a question's word pieces first,
 * then the picture's features; state i is the result of block i - 1. Padding of either gets -10000 added to its attention scores,
 * as in the original.
 */
public final class ClipVilBackbone implements Backbone<QuestionBatch> {
    private static final double MASKED_SCORE = 10000;

    private final ClipVilConfig config;
    private final DataType type;
    private final NamedParameters named;
    private final JointStem stem;
    private final List<Layer> blocks;
    private final Linear pooler;
    private final @Nullable TextTokenizer tokenizer;
    private final String fingerprint;

    private ClipVilBackbone(
            ClipVilConfig config, DataType type, NamedParameters named, @Nullable TextTokenizer tokenizer) {
        this.config = config;
        this.type = type;
        this.named = named;
        this.tokenizer = tokenizer;
        this.stem = new JointStem(
                new WordEmbeddings(
                        new Embedding(named.get(ClipVilNames.WORDS)),
                        new Embedding(named.get(ClipVilNames.POSITIONS)),
                        0,
                        new Embedding(named.get(ClipVilNames.TYPES)),
                        named.norm(ClipVilNames.EMBEDDING_NORM, config.normEps())),
                named.linear(ClipVilNames.VISUAL),
                named.norm(ClipVilNames.VISUAL_NORM, config.normEps()));
        List<Layer> chain = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            chain.add(PostNormBlocks.block(named, ClipVilNames.block(i), config.heads(), config.normEps()));
        }
        this.blocks = List.copyOf(chain);
        this.pooler = named.linear(ClipVilNames.POOLER);
        this.fingerprint = Fingerprint.of(config.toString(), named.all());
    }

    /**
     * Loads a folder: {@code config.json} with BERT's keys and {@code visual_feat_dim}, {@code model.safetensors} with LXRT's names,
     * {@code tokenizer.json}.
     *
     * @throws IOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file is malformed or describes another kind of network
     */
    public static ClipVilBackbone load(Path folder) throws IOException {
        return HuggingFaceFolder.load(folder, ClipVilConfigFile::read, ClipVilBackbone::load);
    }

    /**
     * Loads weights under LXRT's names, all of which may have one prefix, such as {@code lxrt_encoder.model.}.
     *
     * @param weights read, not closed
     * @param tokenizer owned by the backbone from now on; null if questions come tokenized
     * @param type FLOAT, or DOUBLE for checks of gradients
     * @throws IllegalArgumentException if weights are missing or have other shapes; all of them are listed
     */
    public static ClipVilBackbone load(
            ClipVilConfig config, WeightSource weights, @Nullable TextTokenizer tokenizer, DataType type) {
        return new ClipVilBackbone(config, type, ClipVilNames.read(config, weights, type), tokenizer);
    }

    /** A network with random weights, normally distributed with deviation 0.02, as its pre-training starts. */
    public static ClipVilBackbone random(
            ClipVilConfig config, @Nullable TextTokenizer tokenizer, DataType type, long seed) {
        return new ClipVilBackbone(config, type, ClipVilNames.shapes(config).random(type, seed), tokenizer);
    }

    /**
     * Writes the weights under LXRT's names, as {@link #load} reads them.
     *
     * @throws IOException if the file cannot be written; an older one is unharmed then
     */
    public void save(Path file) throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        parameters().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
        SafeTensors.write(file, tensors, Map.of());
    }

    /** The sizes. */
    public ClipVilConfig config() {
        return config;
    }

    /** The projection [width, width] of token 0 that answer heads read; one of this network's weights. */
    public Linear pooler() {
        return pooler;
    }

    /**
     * The tokenizer that belongs to the weights, owned by the backbone.
     *
     * @throws IllegalStateException if there is none
     */
    public TextTokenizer tokenizer() {
        if (tokenizer == null) {
            throw new IllegalStateException("This network was made without a tokenizer, so it takes no texts");
        }
        return tokenizer;
    }

    @Override
    public Stem<QuestionBatch> stem() {
        return stem;
    }

    @Override
    public List<Layer> blocks() {
        return blocks;
    }

    @Override
    public long[] stateShape(QuestionBatch batch) {
        return new long[] {
            batch.size(), batch.questions().tokens() + batch.features().size(1), config.width()
        };
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
    public Context context(Memory memory, QuestionBatch batch, OptionalLong seed) {
        TokenBatch questions = batch.questions();
        long tokens = questions.tokens();
        Check.argument(
                tokens <= config.positions(),
                "batch has questions of %s tokens, but this network takes at most %s",
                tokens,
                config.positions());
        Check.argument(
                questions.maxId() < config.vocabulary(),
                "batch has the token id %s, but this network's vocabulary has %s entries",
                questions.maxId(),
                config.vocabulary());
        Check.argument(
                questions.maxType() < config.types(),
                "batch has the token type %s, but this network has %s types",
                questions.maxType(),
                config.types());
        Check.argument(
                batch.features().size(2) == config.visualWidth(),
                "batch has features of width %s, but this network takes those of width %s",
                batch.features().size(2),
                config.visualWidth());
        long all = tokens + batch.features().size(1);
        INDArray mask = memory.step().array(batch.size(), all);
        INDArray bias = memory.step().array(batch.size(), 1, 1, all);
        INDArray byToken = memory.reshape(mask, batch.size(), all, 1);
        Ops ops = memory.ops();
        ops.copy(memory.reshape(questions.mask(), batch.size(), tokens, 1), memory.tokens(byToken, 0, tokens));
        ops.copy(
                memory.reshape(batch.featureMask(), batch.size(), all - tokens, 1),
                memory.tokens(byToken, tokens, all));
        INDArray flatBias = memory.reshape(bias, batch.size(), all);
        ops.add(mask, -1, flatBias);
        ops.multiply(flatBias, MASKED_SCORE, flatBias);
        return new Context(memory, mask, bias, seed);
    }

    @Override
    public List<Parameter> parameters() {
        return named.all();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        parameters().forEach(Parameter::close);
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
