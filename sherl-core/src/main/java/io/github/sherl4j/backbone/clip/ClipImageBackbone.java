package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.backbone.Fingerprint;
import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.PatchStem;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.weights.SafeTensors;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * CLIP's vision transformer (Radford et al. 2021). States are [batch, patches + 1, width], the class token first: state 0 the
 * patches behind the first norm, state i the result of block i - 1, not normalised. The feature is the last state's class token
 * through the last norm and the projection into the space that pictures and texts share.
 */
public final class ClipImageBackbone implements ImageBackbone, FeatureBackbone<ImageBatch> {
    private final ClipImageConfig config;
    private final DataType type;
    private final List<Parameter> parameters;
    private final PatchStem stem;
    private final List<Layer> blocks;
    private final ClipFeature feature;
    private final String fingerprint;

    private ClipImageBackbone(ClipImageConfig config, DataType type, NamedParameters named) {
        this.config = config;
        this.type = type;
        this.parameters = named.all();
        this.stem = new PatchStem(
                new Linear(named.get(ClipNames.PATCHES), null),
                named.get(ClipNames.CLASS_TOKEN),
                named.get(ClipNames.IMAGE_POSITIONS),
                named.norm(ClipNames.PRE_NORM, config.normEps()),
                config.patch());
        this.blocks = ClipBlocks.of(
                named, ClipNames.VISION, config.layers(), config.heads(), config.activation(), config.normEps());
        this.feature = new ClipFeature(
                named.norm(ClipNames.POST_NORM, config.normEps()),
                new Linear(named.get(ClipNames.IMAGE_PROJECTION), null));
        this.fingerprint = Fingerprint.of(config.toString(), parameters);
    }

    /**
     * Loads a Hugging Face folder, of both towers or of this one: {@code config.json}, {@code model.safetensors}.
     *
     * @throws IOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file is malformed or describes another kind of network
     */
    public static ClipImageBackbone load(Path folder) throws IOException {
        ClipImageConfig config = ClipConfigFile.image(folder.resolve("config.json"));
        try (SafeTensors weights = SafeTensors.open(folder.resolve("model.safetensors"))) {
            return load(config, weights, DataType.FLOAT);
        }
    }

    /**
     * Loads weights under Hugging Face names ({@code vision_model.*}) or OpenAI's ({@code visual.*}); those of the text
     * transformer may be there too.
     *
     * @param weights read, not closed
     * @param type FLOAT, or DOUBLE for checks of gradients
     * @throws IllegalArgumentException if weights are missing or have other shapes; all of them are listed
     */
    public static ClipImageBackbone load(ClipImageConfig config, WeightSource weights, DataType type) {
        return new ClipImageBackbone(config, type, ClipNames.readImage(config, weights, type));
    }

    /** A network with random weights, normally distributed with deviation 0.02. */
    public static ClipImageBackbone random(ClipImageConfig config, DataType type, long seed) {
        return new ClipImageBackbone(config, type, ClipNames.shapes(config).random(type, seed));
    }

    /** The sizes. */
    public ClipImageConfig config() {
        return config;
    }

    @Override
    public Stem<ImageBatch> stem() {
        return stem;
    }

    @Override
    public List<Layer> blocks() {
        return blocks;
    }

    @Override
    public long[] stateShape(ImageBatch batch) {
        return new long[] {batch.size(), config.tokens(), config.width()};
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
    public Context context(Memory memory, ImageBatch batch, OptionalLong seed) {
        Check.shape(
                "pixels of the batch", batch.pixels(), Check.ANY, config.image(), config.image(), config.channels());
        return new Context(memory, null, null, seed);
    }

    @Override
    public long featureWidth() {
        return config.feature();
    }

    @Override
    public void feature(INDArray lastState, Context context, INDArray result) {
        feature.infer(checked(lastState), context, new ClassToken(context.memory()), result);
    }

    @Override
    public LayerStep featureForward(INDArray lastState, Context context, INDArray result) {
        return feature.forward(checked(lastState), context, new ClassToken(context.memory()), result);
    }

    private INDArray checked(INDArray lastState) {
        Check.shape("last state", lastState, Check.ANY, config.tokens(), config.width());
        return lastState;
    }

    private record ClassToken(Memory memory) implements ClipFeature.TokenChoice {
        @Override
        public void take(INDArray state, INDArray tokens) {
            memory.ops().copy(memory.firstToken(state), tokens);
        }

        @Override
        public void spread(INDArray gradTokens, INDArray gradState) {
            memory.ops().zero(gradState);
            memory.ops().copy(gradTokens, memory.firstToken(gradState));
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
    public void close() {
        parameters.forEach(Parameter::close);
    }
}
