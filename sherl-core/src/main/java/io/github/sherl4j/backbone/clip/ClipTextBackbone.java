package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.backbone.CausalBias;
import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.backbone.Fingerprint;
import io.github.sherl4j.backbone.HuggingFaceFolder;
import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Embedding;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
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
 * CLIP's text transformer (Radford et al. 2021). States are [batch, tokens, width]: state 0 the embeddings, state i the result
 * of block i - 1, not normalised. Each token sees itself and earlier ones. The feature is the last state at the end-of-text token
 * through the last norm and the projection into the space that pictures and texts share.
 *
 * <p>The end-of-text token is the one with the largest id, the first if there are several: OpenAI fills texts up with 0,
 * Hugging Face with that token itself. A {@link TokenBatch} fills up with 0; whatever stands there comes after the end of the
 * text, where no token of the text looks. In CLIP's vocabulary 0 is the exclamation mark, too: SHERL's published code takes it for
 * padding wherever it stands, while the mask here knows how long each text is.
 */
public final class ClipTextBackbone implements TextBackbone, FeatureBackbone<TokenBatch> {
    private final ClipTextConfig config;
    private final DataType type;
    private final List<Parameter> parameters;
    private final ClipTextStem stem;
    private final List<Layer> blocks;
    private final ClipFeature feature;
    private final CausalBias causalBias;
    private final @Nullable TextTokenizer tokenizer;
    private final String fingerprint;

    private ClipTextBackbone(
            ClipTextConfig config, DataType type, NamedParameters named, @Nullable TextTokenizer tokenizer) {
        this.config = config;
        this.type = type;
        this.parameters = named.all();
        this.stem = new ClipTextStem(
                new Embedding(named.get(ClipNames.WORDS)), new Embedding(named.get(ClipNames.TEXT_POSITIONS)));
        this.blocks = ClipBlocks.of(
                named, ClipNames.TEXT, config.layers(), config.heads(), config.activation(), config.normEps());
        this.feature = new ClipFeature(
                named.norm(ClipNames.FINAL_NORM, config.normEps()),
                new Linear(named.get(ClipNames.TEXT_PROJECTION), null));
        this.causalBias = new CausalBias(type, config.positions());
        this.tokenizer = tokenizer;
        this.fingerprint = Fingerprint.of(config.toString(), parameters);
    }

    /**
     * Loads a Hugging Face folder, of both towers or of this one: {@code config.json}, {@code model.safetensors},
     * {@code tokenizer.json}.
     *
     * @throws IOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file is malformed or describes another kind of network
     */
    public static ClipTextBackbone load(Path folder) throws IOException {
        return HuggingFaceFolder.load(folder, ClipConfigFile::text, ClipTextBackbone::load);
    }

    /**
     * Loads weights under Hugging Face names ({@code text_model.*}) or OpenAI's ({@code transformer.*}); those of the vision
     * transformer may be there too.
     *
     * @param weights read, not closed
     * @param tokenizer owned by the backbone from now on; null if texts come tokenized
     * @param type FLOAT, or DOUBLE for checks of gradients
     * @throws IllegalArgumentException if weights are missing or have other shapes; all of them are listed
     */
    public static ClipTextBackbone load(
            ClipTextConfig config, WeightSource weights, @Nullable TextTokenizer tokenizer, DataType type) {
        return new ClipTextBackbone(config, type, ClipNames.readText(config, weights, type), tokenizer);
    }

    /** A network with random weights, normally distributed with deviation 0.02. */
    public static ClipTextBackbone random(
            ClipTextConfig config, @Nullable TextTokenizer tokenizer, DataType type, long seed) {
        return new ClipTextBackbone(config, type, ClipNames.shapes(config).random(type, seed), tokenizer);
    }

    /** The sizes. */
    public ClipTextConfig config() {
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
                batch.tokens() <= config.positions(),
                "batch has %s tokens, but this network takes at most %s",
                batch.tokens(),
                config.positions());
        Check.argument(
                batch.maxId() < config.vocabulary(),
                "batch has the token id %s, but this network's vocabulary has %s entries",
                batch.maxId(),
                config.vocabulary());
        INDArray mask = memory.step().array(batch.size(), batch.tokens());
        memory.ops().copy(batch.mask(), mask);
        return new Context(memory, mask, causalBias.of(memory, batch.tokens()), batch.largestIdTokens(), seed);
    }

    @Override
    public long featureWidth() {
        return config.feature();
    }

    @Override
    public void feature(INDArray lastState, Context context, INDArray result) {
        feature.infer(checked(lastState), context, EndToken.of(context), result);
    }

    @Override
    public LayerStep featureForward(INDArray lastState, Context context, INDArray result) {
        return feature.forward(checked(lastState), context, EndToken.of(context), result);
    }

    private INDArray checked(INDArray lastState) {
        Check.shape("last state", lastState, Check.ANY, Check.ANY, config.width());
        return lastState;
    }

    /** @param ends [batch] INT32, the index of each text's end-of-text token */
    private record EndToken(Memory memory, INDArray ends) implements ClipFeature.TokenChoice {
        static EndToken of(Context context) {
            return new EndToken(
                    context.memory(), Objects.requireNonNull(context.summaryTokens(), "context of another network"));
        }

        @Override
        public void take(INDArray state, INDArray tokens) {
            long batch = state.size(0);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray choice = memory.reshape(choice(state), batch, 1, state.size(1));
                memory.ops().product(choice, state, memory.reshape(tokens, batch, 1, state.size(2)));
            }
        }

        @Override
        public void spread(INDArray gradTokens, INDArray gradState) {
            long batch = gradState.size(0);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray choice = memory.reshape(choice(gradState), batch, gradState.size(1), 1);
                memory.ops().product(choice, memory.reshape(gradTokens, batch, 1, gradState.size(2)), gradState);
            }
        }

        /** [batch, tokens], 1 for the end token; in the scratch arena. */
        private INDArray choice(INDArray state) {
            INDArray choice = memory.scratch().array(state.size(0), state.size(1));
            memory.ops().gather(memory.ops().identity(state.size(1)), ends, choice);
            return choice;
        }
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
        return config.positions();
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
        causalBias.close();
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
