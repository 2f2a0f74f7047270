package io.github.sherl4j.layer;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A layer, and what the contract test has to know of it.
 *
 * @param frozen how many numbers it keeps of an input of a shape when all parameters are frozen
 * @param trained how many it keeps in the step arena when all are trainable; the input itself does not count
 * @param keepsInput whether it keeps the input when all are trainable
 * @param overwrites whether the backward pass may overwrite its argument
 */
record LayerCase(
        String name,
        Function<DataType, Layer> make,
        ToLongFunction<long[]> frozen,
        ToLongFunction<long[]> trained,
        boolean keepsInput,
        boolean overwrites,
        BiFunction<Memory, long[], Context> context) {
    static final int WIDTH = 4;
    static final int HEADS = 2;
    static final int HIDDEN = 6;

    private static final double EPS = 1e-5;

    @Override
    public String toString() {
        return name;
    }

    /** Whether one row is too little, and inference, on running statistics, differs from the forward pass. */
    boolean onBatchStatistics() {
        return name.startsWith("BatchNorm on batch statistics");
    }

    static List<LayerCase> all() {
        BiFunction<Memory, long[], Context> plain = (memory, shape) -> Context.of(memory);
        return List.of(
                new LayerCase("Linear", type -> linear(type, "a", WIDTH, 3), s -> 0, s -> 0, true, false, plain),
                new LayerCase(
                        "Linear without bias",
                        type -> new Linear(weight(type, "a", 3, WIDTH), null),
                        s -> 0,
                        s -> 0,
                        true,
                        false,
                        plain),
                new LayerCase(
                        "LayerNorm", type -> norm(type, "n"), LayerCase::norm, LayerCase::norm, false, true, plain),
                new LayerCase(
                        "BatchNorm on running statistics",
                        type -> batchNorm(type, true, BatchNorm.Statistics.RUNNING),
                        s -> 0,
                        s -> 0,
                        true,
                        true,
                        plain),
                new LayerCase(
                        "BatchNorm on running statistics, not affine",
                        type -> batchNorm(type, false, BatchNorm.Statistics.RUNNING),
                        s -> 0,
                        s -> 0,
                        false,
                        true,
                        plain),
                new LayerCase(
                        "BatchNorm on batch statistics",
                        type -> batchNorm(type, true, BatchNorm.Statistics.BATCH),
                        s -> length(s) + WIDTH,
                        s -> length(s) + WIDTH,
                        false,
                        true,
                        plain),
                new LayerCase(
                        "BatchNorm on batch statistics, not affine",
                        type -> batchNorm(type, false, BatchNorm.Statistics.BATCH),
                        s -> length(s) + WIDTH,
                        s -> length(s) + WIDTH,
                        false,
                        true,
                        plain),
                new LayerCase(
                        "Dropout",
                        type -> new Dropout(0.4, 3),
                        s -> 0,
                        s -> 0,
                        false,
                        true,
                        (memory, shape) -> new Context(memory, null, null, OptionalLong.of(11))),
                new LayerCase(
                        "SelfAttention",
                        LayerCase::attention,
                        LayerCase::attention,
                        s -> attention(s) + length(s),
                        true,
                        false,
                        plain),
                new LayerCase(
                        "SelfAttention with padding",
                        LayerCase::attention,
                        LayerCase::attention,
                        s -> attention(s) + length(s),
                        true,
                        false,
                        LayerCase::padded),
                new LayerCase("L2Norm", type -> new L2Norm(1e-3), LayerCase::norm, LayerCase::norm, false, true, plain),
                new LayerCase("Gru", LayerCase::gru, LayerCase::gru, LayerCase::gru, true, false, plain),
                new LayerCase(
                        "Gru with padding",
                        LayerCase::gru,
                        s -> gru(s) + s[0] * s[1],
                        s -> gru(s) + s[0] * s[1],
                        true,
                        false,
                        LayerCase::padded),
                new LayerCase(
                        "FeedForward",
                        LayerCase::feedForward,
                        LayerCase::hidden,
                        s -> 2 * hidden(s),
                        true,
                        false,
                        plain),
                new LayerCase(
                        "TransformerBlock",
                        LayerCase::block,
                        s -> attention(s) + 2 * norm(s) + hidden(s),
                        s -> attention(s) + 2 * norm(s) + 2 * hidden(s) + 2 * length(s),
                        true,
                        true,
                        LayerCase::padded),
                new LayerCase(
                        "SelfAttention of earlier tokens",
                        LayerCase::attention,
                        LayerCase::attention,
                        s -> attention(s) + length(s),
                        true,
                        false,
                        LayerCase::causal),
                new LayerCase(
                        "FeedForward with QuickGELU",
                        LayerCase::quickFeedForward,
                        LayerCase::hidden,
                        s -> 2 * hidden(s),
                        true,
                        false,
                        plain),
                new LayerCase(
                        "FeedForward with ReLU",
                        type -> new FeedForward(
                                linear(type, "i", WIDTH, HIDDEN), linear(type, "o", HIDDEN, WIDTH), Activation.RELU),
                        LayerCase::hidden,
                        s -> 2 * hidden(s),
                        true,
                        false,
                        plain),
                new LayerCase(
                        "PreNormBlock",
                        LayerCase::preNormBlock,
                        LayerCase::frozenPreNormBlock,
                        LayerCase::trainedPreNormBlock,
                        false,
                        true,
                        LayerCase::causal),
                new LayerCase(
                        "NormedLayer, a PreNormBlock",
                        type -> new NormedLayer(preNormBlock(type), norm(type, "n3")),
                        s -> frozenPreNormBlock(s) + norm(s),
                        s -> trainedPreNormBlock(s) + norm(s),
                        false,
                        true,
                        LayerCase::padded),
                new LayerCase(
                        "RmsNorm", type -> rmsNorm(type, "r"), LayerCase::norm, LayerCase::norm, false, true, plain),
                new LayerCase(
                        "FeedForward with ReLU and no biases",
                        LayerCase::reluFeedForward,
                        LayerCase::hidden,
                        s -> 2 * hidden(s),
                        true,
                        false,
                        plain),
                new LayerCase(
                        "GatedFeedForward with tanh GELU",
                        LayerCase::gatedFeedForward,
                        s -> 2 * hidden(s),
                        s -> 3 * hidden(s),
                        true,
                        false,
                        plain),
                new LayerCase(
                        "SelfAttention with positions and narrow heads",
                        type -> new PositionedSelfAttention(wideAttention(type, "self")),
                        LayerCase::wideAttention,
                        s -> wideAttention(s) + hidden(s),
                        true,
                        false,
                        LayerCase::positioned),
                new LayerCase(
                        "Residual",
                        type -> new Residual(rmsNorm(type, "r"), gatedFeedForward(type)),
                        s -> norm(s) + 2 * hidden(s),
                        s -> norm(s) + 3 * hidden(s) + length(s),
                        false,
                        true,
                        plain),
                new LayerCase(
                        "SelfAttention in a ResidualBlock",
                        LayerCase::residualBlock,
                        s -> 2 * norm(s) + wideAttention(s) + hidden(s),
                        s -> 2 * norm(s) + wideAttention(s) + 3 * hidden(s) + 2 * length(s),
                        false,
                        true,
                        LayerCase::positioned));
    }

    /** Every layer with inputs [batch, tokens, width] of one token and more, and [rows, width] where it takes them. */
    static Stream<Object[]> withShapes() {
        return all().stream().flatMap(layer -> shapes(layer).map(shape -> new Object[] {layer, shape}));
    }

    private static Stream<long[]> shapes(LayerCase layer) {
        Stream<long[]> threeDimensional = Stream.of(new long[] {1, 1, WIDTH}, new long[] {2, 3, WIDTH});
        boolean takesRows = !layer.name.startsWith("SelfAttention")
                && !layer.name.startsWith("Gru")
                && !layer.name.endsWith("Block");
        Stream<long[]> all = takesRows
                ? Stream.concat(threeDimensional, Stream.of(new long[] {1, WIDTH}, new long[] {5, WIDTH}))
                : threeDimensional;
        return layer.onBatchStatistics() ? all.filter(shape -> length(shape) > WIDTH) : all;
    }

    static Linear linear(DataType type, String name, long inputs, long outputs) {
        return new Linear(
                weight(type, name + ".weight", outputs, inputs),
                Parameter.unregularized(name + ".bias", TestArrays.normal(type, name.hashCode() + 1, outputs)));
    }

    static Parameter weight(DataType type, String name, long... shape) {
        return Parameter.weight(name, TestArrays.normal(type, name.hashCode(), shape));
    }

    static LayerNorm norm(DataType type, String name) {
        return new LayerNorm(
                Parameter.unregularized(name + ".scale", TestArrays.normal(type, name.hashCode(), WIDTH)),
                Parameter.unregularized(name + ".shift", TestArrays.normal(type, name.hashCode() + 1, WIDTH)),
                EPS);
    }

    static BatchNorm batchNorm(DataType type, boolean affine, BatchNorm.Statistics statistics) {
        INDArray variance = TestArrays.of(type, new double[] {0.3, 1, 2, 5}, WIDTH);
        BatchNorm norm = new BatchNorm(
                affine ? Parameter.unregularized("bn.scale", TestArrays.normal(type, 7, WIDTH)) : null,
                affine ? Parameter.unregularized("bn.shift", TestArrays.normal(type, 8, WIDTH)) : null,
                Parameter.unregularized("bn.mean", TestArrays.normal(type, 9, WIDTH)),
                Parameter.unregularized("bn.variance", variance),
                EPS);
        norm.statistics(statistics);
        return norm;
    }

    static SelfAttention attention(DataType type) {
        return new SelfAttention(
                linear(type, "query", WIDTH, WIDTH),
                linear(type, "key", WIDTH, WIDTH),
                linear(type, "value", WIDTH, WIDTH),
                linear(type, "output", WIDTH, WIDTH),
                HEADS);
    }

    static FeedForward feedForward(DataType type) {
        return new FeedForward(linear(type, "inner", WIDTH, HIDDEN), linear(type, "outer", HIDDEN, WIDTH));
    }

    private static FeedForward quickFeedForward(DataType type) {
        return new FeedForward(
                linear(type, "inner", WIDTH, HIDDEN), linear(type, "outer", HIDDEN, WIDTH), Activation.QUICK_GELU);
    }

    static RmsNorm rmsNorm(DataType type, String name) {
        return new RmsNorm(
                Parameter.unregularized(name + ".scale", TestArrays.normal(type, name.hashCode(), WIDTH)), EPS);
    }

    static FeedForward reluFeedForward(DataType type) {
        return new FeedForward(
                projection(type, "inner", WIDTH, HIDDEN), projection(type, "outer", HIDDEN, WIDTH), Activation.RELU);
    }

    static GatedFeedForward gatedFeedForward(DataType type) {
        return new GatedFeedForward(
                projection(type, "gate", WIDTH, HIDDEN),
                projection(type, "linear", WIDTH, HIDDEN),
                projection(type, "outer", HIDDEN, WIDTH),
                Activation.TANH_GELU);
    }

    /** An attention whose heads together are wider than the states. */
    static Attention wideAttention(DataType type, String name) {
        return new Attention(
                projection(type, name + ".query", WIDTH, HIDDEN),
                projection(type, name + ".key", WIDTH, HIDDEN),
                projection(type, name + ".value", WIDTH, HIDDEN),
                projection(type, name + ".output", HIDDEN, WIDTH),
                HEADS,
                1);
    }

    static ResidualBlock residualBlock(DataType type) {
        return new ResidualBlock(List.of(
                new Residual(rmsNorm(type, "r1"), new PositionedSelfAttention(wideAttention(type, "self"))),
                new Residual(rmsNorm(type, "r2"), reluFeedForward(type))));
    }

    static Linear projection(DataType type, String name, long inputs, long outputs) {
        return new Linear(weight(type, name, outputs, inputs), null);
    }

    private static long wideAttention(long[] shape) {
        return 3 * hidden(shape) + shape[0] * HEADS * shape[1] * shape[1];
    }

    /** A context with padding and position biases. */
    private static Context positioned(Memory memory, long[] shape) {
        INDArray values = TestArrays.normal(memory.type(), 12, 1, HEADS, shape[1], shape[1]);
        return padded(memory, shape).withPositionBias(new PositionBias(values, null));
    }

    static PreNormBlock preNormBlock(DataType type) {
        return new PreNormBlock(norm(type, "n1"), attention(type), norm(type, "n2"), quickFeedForward(type));
    }

    static Gru gru(DataType type) {
        return gru(type, WIDTH, WIDTH);
    }

    static Gru gru(DataType type, long inputs, long hidden) {
        return new Gru(direction(type, "forward", inputs, hidden), direction(type, "backward", inputs, hidden));
    }

    private static List<Parameter> direction(DataType type, String name, long inputs, long hidden) {
        return List.of(
                weight(type, name + ".input", 3 * hidden, inputs),
                weight(type, name + ".state", 3 * hidden, hidden),
                Parameter.unregularized(name + ".b_i", TestArrays.normal(type, name.hashCode() + 1, 3 * hidden)),
                Parameter.unregularized(name + ".b_h", TestArrays.normal(type, name.hashCode() + 2, 3 * hidden)));
    }

    static TransformerBlock block(DataType type) {
        return new TransformerBlock(attention(type), norm(type, "n1"), feedForward(type), norm(type, "n2"));
    }

    /** A context in which the last token of the last text is padding, unless it is the only one. */
    private static Context padded(Memory memory, long[] shape) {
        INDArray bias = Nd4j.zeros(memory.type(), shape[0], 1, 1, shape[1]);
        INDArray mask = Nd4j.ones(memory.type(), shape[0], shape[1]);
        if (shape[1] > 1) {
            bias.putScalar(new long[] {shape[0] - 1, 0, 0, shape[1] - 1}, -10000);
            mask.putScalar(new long[] {shape[0] - 1, shape[1] - 1}, 0);
        }
        return new Context(memory, mask, bias, OptionalLong.empty());
    }

    /** A context in which no token sees a later one. */
    private static Context causal(Memory memory, long[] shape) {
        INDArray bias = Nd4j.zeros(memory.type(), 1, 1, shape[1], shape[1]);
        for (long from = 0; from < shape[1]; from++) {
            for (long to = from + 1; to < shape[1]; to++) {
                bias.putScalar(new long[] {0, 0, from, to}, -1e9);
            }
        }
        return new Context(memory, null, bias, OptionalLong.empty());
    }

    static long length(long[] shape) {
        return LongStream.of(shape).reduce(1, (product, size) -> product * size);
    }

    private static long norm(long[] shape) {
        return length(shape) + length(shape) / WIDTH;
    }

    private static long attention(long[] shape) {
        return 3 * length(shape) + shape[0] * HEADS * shape[1] * shape[1];
    }

    private static long frozenPreNormBlock(long[] shape) {
        return attention(shape) + 2 * norm(shape) + hidden(shape);
    }

    /** The input of the block is never kept, but those of its projections are. */
    private static long trainedPreNormBlock(long[] shape) {
        return frozenPreNormBlock(shape) + hidden(shape) + 3 * length(shape);
    }

    /** Per direction: three gates, a proposal and a state per token, and the state before the first token. */
    private static long gru(long[] shape) {
        return 2 * (5 * length(shape) + shape[0] * WIDTH);
    }

    private static long hidden(long[] shape) {
        return length(shape) / WIDTH * HIDDEN;
    }
}
