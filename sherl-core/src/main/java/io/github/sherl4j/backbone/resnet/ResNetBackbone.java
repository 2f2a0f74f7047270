package io.github.sherl4j.backbone.resnet;

import io.github.sherl4j.backbone.Fingerprint;
import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.MaxPool;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.NativeArrays;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.weights.SafeTensors;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A residual network without its classifier. States are [batch, height, width, channels]: state 0 the stem's result, state i
 * that of residual block i - 1.
 *
 * <p>Frozen, as {@link #load} makes it, its batch norms are folded into the convolutions, which is exact up to rounding and
 * spares two passes over every state. To be trained as a whole it has to have its norms, as {@link #loadTrainable} and
 * {@link #random} make it; they run on their running statistics until {@link #statistics} says otherwise.
 */
public final class ResNetBackbone implements ImageBackbone {
    private final ResNetConfig config;
    private final DataType type;
    private final ResNetWeights weights;
    private final ResNetStem stem;
    private final List<ResidualBlock> blocks;
    private final String fingerprint;

    private ResNetBackbone(ResNetConfig config, DataType type, ResNetWeights weights, String fingerprint) {
        this.config = config;
        this.type = type;
        this.weights = weights;
        this.fingerprint = fingerprint;
        this.stem = new ResNetStem(weights.layer(ConvSpec.stem(config), config.normEps(), true), pool(config));
        List<ResidualBlock> chain = new ArrayList<>();
        for (ConvSpec.Block block : ConvSpec.blocks(config)) {
            List<ConvNorm> main = new ArrayList<>();
            for (ConvSpec spec : block.main()) {
                main.add(weights.layer(
                        spec, config.normEps(), main.size() < block.main().size() - 1));
            }
            ConvSpec shortcut = block.shortcut();
            chain.add(new ResidualBlock(
                    main, shortcut == null ? null : weights.layer(shortcut, config.normEps(), false)));
        }
        this.blocks = List.copyOf(chain);
    }

    private static @Nullable MaxPool pool(ResNetConfig config) {
        if (config.stem() == ResNetConfig.Stem.SMALL) {
            return null;
        }
        return config.layout() == ResNetConfig.Layout.CAFFE ? MaxPool.ceil(3, 2) : new MaxPool(3, 2, 1);
    }

    private static String fingerprint(ResNetConfig config, ResNetWeights weights) {
        return Fingerprint.of(config.withZeroLastNorm(false).toString(), weights.all());
    }

    /**
     * Loads a safetensors file of torchvision's names, frozen.
     *
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if it is malformed or holds another network
     */
    public static ResNetBackbone load(ResNetConfig config, Path file) throws IOException {
        try (SafeTensors source = SafeTensors.open(file)) {
            return load(config, source, DataType.FLOAT);
        }
    }

    /**
     * Loads weights under torchvision's names, with any prefix such as {@code backbone.}, frozen, the norms folded into the
     * convolutions. Classifier and batch counts in the file are left alone.
     *
     * @param source read, not closed
     * @param type FLOAT, or DOUBLE for checks of gradients
     * @throws IllegalArgumentException if the file holds another network, or weights are missing or have other shapes; all
     *     of them are listed
     */
    public static ResNetBackbone load(ResNetConfig config, WeightSource source, DataType type) {
        try (ResNetBackbone whole = loadTrainable(config, source, type)) {
            return whole.folded();
        }
    }

    /** The same, but with norms, to be trained as a whole. */
    public static ResNetBackbone loadTrainable(ResNetConfig config, WeightSource source, DataType type) {
        ResNetWeights weights = ResNetFile.read(config, source, type);
        return new ResNetBackbone(config, type, weights, fingerprint(config, weights));
    }

    /**
     * A network with norms and with random weights, as torchvision starts its training: convolutions normally distributed
     * with variance 2 / (kernel * result channels) (He et al. 2015), norms the identity, or zero as the configuration says.
     *
     * @param seed equal seeds give equal weights
     */
    public static ResNetBackbone random(ResNetConfig config, DataType type, long seed) {
        Set<String> zeroed = config.zeroLastNorm() ? lastScales(config) : Set.of();
        try (Rng rng = new Rng(seed)) {
            ResNetWeights weights = ResNetWeights.make(config, (name, shape) -> {
                INDArray array = Nd4j.createUninitialized(type, shape);
                if (shape.length == 4) {
                    rng.gaussian(array, 0, Math.sqrt(2.0 / (shape[0] * shape[2] * shape[3])));
                } else {
                    boolean one = name.endsWith(".weight") || name.endsWith(".running_var");
                    NativeArrays.fill(array, one && !zeroed.contains(name) ? 1 : 0);
                }
                return array;
            });
            return new ResNetBackbone(config, type, weights, fingerprint(config, weights));
        }
    }

    private static Set<String> lastScales(ResNetConfig config) {
        return ConvSpec.blocks(config).stream()
                .map(block -> block.main().get(block.main().size() - 1).scaleName())
                .collect(Collectors.toSet());
    }

    /**
     * A frozen network of the same weights with the norms folded into the convolutions; its arrays are its own. Its
     * fingerprint is that of this network as it was loaded or made.
     *
     * @throws IllegalStateException if this network's norms are folded already
     */
    public ResNetBackbone folded() {
        requireNorms();
        return new ResNetBackbone(config, type, weights.folded(config), fingerprint);
    }

    /** Whether the norms are folded into the convolutions. */
    public boolean isFolded() {
        return weights.isFolded();
    }

    /**
     * Sets which statistics the norms take in forward passes: those of the batch in training of the whole network, the
     * running ones, as from the start, where it is frozen.
     *
     * @throws IllegalStateException if the norms are folded
     */
    public void statistics(BatchNorm.Statistics statistics) {
        requireNorms();
        stem.convolution().statistics(statistics);
        blocks.forEach(block -> block.statistics(statistics));
    }

    /**
     * Writes weights and running statistics under torchvision's names.
     *
     * @throws IOException if the file cannot be written; an older one is unharmed then
     * @throws IllegalStateException if the norms are folded
     */
    public void save(Path file) throws IOException {
        requireNorms();
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        weights.all().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
        SafeTensors.write(file, tensors, Map.of());
    }

    private void requireNorms() {
        if (isFolded()) {
            throw new IllegalStateException("The norms of this network are folded into its convolutions");
        }
    }

    /** The sizes. */
    public ResNetConfig config() {
        return config;
    }

    @Override
    public Stem<ImageBatch> stem() {
        return stem;
    }

    @Override
    public List<Layer> blocks() {
        return List.copyOf(blocks);
    }

    @Override
    public long[] stateShape(ImageBatch batch) {
        return stem.outputShape(batch.pixels().shape());
    }

    @Override
    public long width() {
        return config.channels(config.stages());
    }

    @Override
    public long width(int index) {
        return index == 0 ? config.stemWidth() : config.channels(config.stageOf(index - 1));
    }

    @Override
    public DataType type() {
        return type;
    }

    @Override
    public Context context(Memory memory, ImageBatch batch, OptionalLong seed) {
        Check.shape("pixels", batch.pixels(), Check.ANY, Check.ANY, Check.ANY, ConvSpec.COLOURS);
        return new Context(memory, null, null, seed);
    }

    @Override
    public List<Parameter> parameters() {
        return List.copyOf(weights.parameters().values());
    }

    /** Running means and variances of all norms, in the order of the network; none if they are folded. */
    @Override
    public List<Parameter> buffers() {
        return List.copyOf(weights.buffers().values());
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        weights.close();
    }
}
