package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.TensorShapes;
import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.layer.FeedForward;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * MDETR's encoder and decoder (Kamath et al. 2021), norms behind the residual sums. The encoder reads the picture's positions, row by
 * row, and then the text's tokens; the decoder starts at zeros and reads the encoder's result. Frozen as loaded and deterministic.
 */
public final class DetrTransformer implements AutoCloseable {
    private final DetrConfig config;
    private final DataType type;
    private final List<EncoderBlock> encoder = new ArrayList<>();
    private final List<DecoderBlock> decoder = new ArrayList<>();
    private final LayerNorm norm;
    private final List<Parameter> parameters;

    /** A transformer over the parameters that {@link #addShapes} names, among others; owned from now on. */
    DetrTransformer(DetrConfig config, NamedParameters named, DataType type) {
        this.config = config;
        this.type = type;
        for (int i = 0; i < config.encoderLayers(); i++) {
            String name = encoderName(i);
            encoder.add(new EncoderBlock(
                    attention(named, name + "self_attn."),
                    named.norm(name + "norm1", config.normEps()),
                    feedForward(named, name),
                    named.norm(name + "norm2", config.normEps())));
        }
        for (int i = 0; i < config.decoderLayers(); i++) {
            String name = decoderName(i);
            decoder.add(new DecoderBlock(
                    attention(named, name + "self_attn."),
                    named.norm(name + "norm1", config.normEps()),
                    attention(named, name + "cross_attn_image."),
                    named.norm(name + "norm3", config.normEps()),
                    feedForward(named, name),
                    named.norm(name + "norm4", config.normEps())));
        }
        this.norm = named.norm("decoder.norm", config.normEps());
        TensorShapes own = new TensorShapes();
        addShapes(own, config);
        this.parameters = own.byName().keySet().stream().map(named::get).toList();
    }

    /**
     * Loads weights under MDETR's names without their prefix {@code transformer.}.
     *
     * @param weights read, not closed
     * @param type FLOAT, or DOUBLE for checks of gradients
     * @throws IllegalArgumentException if weights are missing or have other shapes; all of them are listed
     */
    public static DetrTransformer load(DetrConfig config, WeightSource weights, DataType type) {
        TensorShapes shapes = new TensorShapes();
        addShapes(shapes, config);
        return new DetrTransformer(
                config,
                InProjection.read(shapes.byName(), name -> name, weights, type, name -> name.contains("side_block")),
                type);
    }

    private PositionedAttention attention(NamedParameters named, String name) {
        return new PositionedAttention(
                named.linear(name + "q_proj"),
                named.linear(name + "k_proj"),
                named.linear(name + "v_proj"),
                named.linear(name + "out_proj"),
                config.heads());
    }

    private static FeedForward feedForward(NamedParameters named, String name) {
        return new FeedForward(named.linear(name + "linear1"), named.linear(name + "linear2"), Activation.RELU);
    }

    /** Adds the tensors of encoder and decoder, in the network's order. */
    static void addShapes(TensorShapes shapes, DetrConfig config) {
        long width = config.width();
        for (int i = 0; i < config.encoderLayers(); i++) {
            String name = encoderName(i);
            addAttention(shapes, name + "self_attn.", width);
            shapes.linear(name + "linear1", config.hidden(), width)
                    .linear(name + "linear2", width, config.hidden())
                    .norm(name + "norm1", width)
                    .norm(name + "norm2", width);
        }
        for (int i = 0; i < config.decoderLayers(); i++) {
            String name = decoderName(i);
            addAttention(shapes, name + "self_attn.", width);
            addAttention(shapes, name + "cross_attn_image.", width);
            shapes.linear(name + "linear1", config.hidden(), width)
                    .linear(name + "linear2", width, config.hidden())
                    .norm(name + "norm1", width)
                    .norm(name + "norm3", width)
                    .norm(name + "norm4", width);
        }
        shapes.norm("decoder.norm", width);
    }

    private static void addAttention(TensorShapes shapes, String name, long width) {
        shapes.linear(name + "q_proj", width, width)
                .linear(name + "k_proj", width, width)
                .linear(name + "v_proj", width, width)
                .linear(name + "out_proj", width, width);
    }

    private static String encoderName(int index) {
        return "encoder.layers." + index + ".";
    }

    private static String decoderName(int index) {
        return "decoder.layers." + index + ".";
    }

    /** The sizes. */
    public DetrConfig config() {
        return config;
    }

    /** Type of weights and states. */
    public DataType type() {
        return type;
    }

    /** The encoder's blocks, in order. */
    public List<EncoderBlock> encoder() {
        return List.copyOf(encoder);
    }

    /** The decoder's blocks, in order. */
    public List<DecoderBlock> decoder() {
        return List.copyOf(decoder);
    }

    /** The norm behind the last block of the decoder. */
    public LayerNorm norm() {
        return norm;
    }

    /** All parameters, in the order of the network. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Frees the weights. */
    @Override
    public void close() {
        parameters.forEach(Parameter::close);
    }
}
