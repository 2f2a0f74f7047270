package io.github.sherl4j.backbone.vit;

import io.github.sherl4j.backbone.Fingerprint;
import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.PatchStem;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.FeedForward;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.NormedLayer;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.PreNormBlock;
import io.github.sherl4j.layer.SelfAttention;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.weights.SafeTensors;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The vision transformer (Dosovitskiy et al. 2021) without pooler and classifier. States are [batch, patches + 1, width], the
 * class token first: state 0 the patches, state i the result of block i - 1; the last block has the network's final norm behind
 * it, so that the last state is what a classifier reads, and a late block of SHERL brings the norm along.
 *
 * <p>All its states are checked against a network of PyTorch's own transformer modules with the same weights; the names in files
 * are checked by construction only.
 */
public final class VitBackbone implements ImageBackbone {
    private final VitConfig config;
    private final DataType type;
    private final List<Parameter> parameters;
    private final PatchStem stem;
    private final List<Layer> blocks;
    private final String fingerprint;

    private VitBackbone(VitConfig config, DataType type, NamedParameters named) {
        this.config = config;
        this.type = type;
        this.parameters = named.all();
        this.stem = new PatchStem(
                named.linear(VitNames.PATCHES),
                named.get(VitNames.CLASS_TOKEN),
                named.get(VitNames.POSITIONS),
                null,
                config.patch());
        List<Layer> chain = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            Layer block = block(named, VitNames.block(i));
            boolean last = i == config.layers() - 1;
            chain.add(last ? new NormedLayer(block, named.norm(VitNames.FINAL_NORM, config.normEps())) : block);
        }
        this.blocks = List.copyOf(chain);
        this.fingerprint = Fingerprint.of(config.toString(), parameters);
    }

    /**
     * Loads a Hugging Face folder: {@code config.json}, {@code model.safetensors}.
     *
     * @throws IOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file is malformed or describes another kind of network
     */
    public static VitBackbone load(Path folder) throws IOException {
        VitConfig config = VitConfig.read(folder.resolve("config.json"));
        try (SafeTensors weights = SafeTensors.open(folder.resolve("model.safetensors"))) {
            return load(config, weights, DataType.FLOAT);
        }
    }

    /**
     * Loads weights under Hugging Face names, with or without the prefix {@code vit.}.
     *
     * @param weights read, not closed
     * @param type FLOAT, or DOUBLE for checks of gradients
     * @throws IllegalArgumentException if weights are missing or have other shapes; all of them are listed
     */
    public static VitBackbone load(VitConfig config, WeightSource weights, DataType type) {
        return new VitBackbone(config, type, VitNames.read(config, weights, type));
    }

    /** A network with random weights, normally distributed with deviation 0.02. */
    public static VitBackbone random(VitConfig config, DataType type, long seed) {
        return new VitBackbone(config, type, VitNames.shapes(config).random(type, seed));
    }

    private Layer block(NamedParameters named, String name) {
        return new PreNormBlock(
                named.norm(name + "layernorm_before", config.normEps()),
                new SelfAttention(
                        named.linear(name + "attention.attention.query"),
                        named.linear(name + "attention.attention.key"),
                        named.linear(name + "attention.attention.value"),
                        named.linear(name + "attention.output.dense"),
                        config.heads()),
                named.norm(name + "layernorm_after", config.normEps()),
                new FeedForward(named.linear(name + "intermediate.dense"), named.linear(name + "output.dense")));
    }

    /** The sizes. */
    public VitConfig config() {
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
        INDArray pixels = batch.pixels();
        Check.shape("pixels of the batch", pixels, Check.ANY, config.image(), config.image(), config.channels());
        return new Context(memory, null, null, seed);
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
