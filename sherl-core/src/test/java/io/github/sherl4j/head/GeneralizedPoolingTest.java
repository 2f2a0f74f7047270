package io.github.sherl4j.head;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.head.GeneralizedPooling.Options;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class GeneralizedPoolingTest {
    private static final int WIDTH = 3;
    private static final Options SMALL = new Options(4, 3, 0.5);

    private final Memory memory = new Memory(DataType.DOUBLE);
    private final GeneralizedPooling pooling = new GeneralizedPooling("p", SMALL, DataType.DOUBLE, 1);

    @AfterEach
    void free() {
        pooling.close();
        memory.close();
    }

    @Test
    void gradientsAreThoseOfCentralDifferences() {
        checkGradients(5, 3, 5, 1, 3);
        checkGradients(4); // without mask
        checkGradients(1);
        checkGradients(6, 2, 4); // no text as long as the batch
    }

    private void checkGradients(int tokens, int... lengths) {
        int batch = Math.max(2, lengths.length);
        GeneralizedPooling own = new GeneralizedPooling("p", SMALL, DataType.DOUBLE, 2);
        INDArray features = TestArrays.normal(DataType.DOUBLE, 1, batch, tokens, WIDTH);
        INDArray result = TestArrays.blank(DataType.DOUBLE, batch, WIDTH);
        double[] cotangent = TestArrays.normal(batch * WIDTH, 2);
        Context context = context(tokens, lengths);
        DoubleSupplier loss = () -> {
            memory.reset();
            own.infer(features, context, result);
            return CentralDifferences.weightedSum(result, cotangent);
        };
        double[] before = numbers(features);
        try (ParameterGroups groups = new ParameterGroups(own.parameters())) {
            memory.reset();
            groups.zeroGradients();
            GeneralizedPooling.Kept step = own.forward(features, context, result);
            double[] forward = numbers(result);
            INDArray gradOutput = TestArrays.of(DataType.DOUBLE, cotangent, batch, WIDTH);
            INDArray gradFeatures = step.backward(gradOutput).dup('c');

            assertThat(numbers(gradOutput)).isEqualTo(cotangent);
            assertThat(numbers(features)).isEqualTo(before);
            own.infer(features, context, result);
            assertThat(numbers(result)).isEqualTo(forward);
            CentralDifferences.check("features", features, gradFeatures, loss);
            for (Parameter parameter : own.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
            }
        }
    }

    @Test
    void paddingAndNeighboursChangeNothing() {
        INDArray features = TestArrays.normal(DataType.DOUBLE, 1, 2, 5, WIDTH);
        INDArray together = TestArrays.blank(DataType.DOUBLE, 2, WIDTH);
        pooling.infer(features, context(5, 3, 5), together);

        INDArray first = TestArrays.of(DataType.DOUBLE, Arrays.copyOf(numbers(features), 3 * WIDTH), 1, 3, WIDTH);
        INDArray alone = TestArrays.blank(DataType.DOUBLE, 1, WIDTH);
        memory.reset();
        pooling.infer(first, Context.of(memory), alone);

        assertThat(numbers(alone)).containsExactly(Arrays.copyOf(numbers(together), WIDTH), within(1e-14));
    }

    @Test
    void theOrderOfTokensDoesNotMatter() {
        double[] tokens = TestArrays.normal(3 * WIDTH, 1);
        double[] turned = new double[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            turned[i] = tokens[(i + WIDTH) % tokens.length];
        }
        assertThat(pooled(tokens)).isEqualTo(pooled(turned));
    }

    @Test
    void equalFeaturesGiveThemselves() {
        assertThat(pooled(2, 7, -1, 2, 7, -1, 2, 7, -1)).containsExactly(new double[] {2, 7, -1}, within(1e-14));
    }

    private double[] pooled(double... tokens) {
        INDArray result = TestArrays.blank(DataType.DOUBLE, 1, WIDTH);
        memory.reset();
        pooling.infer(
                TestArrays.of(DataType.DOUBLE, tokens, 1, tokens.length / WIDTH, WIDTH), Context.of(memory), result);
        return numbers(result);
    }

    @Test
    void examplesOfOneLengthShareWhatIsKept() {
        long two = kept(2);
        assertThat(kept(20) - two).isEqualTo(18 * 4 * WIDTH * Double.BYTES); // the features alone
    }

    private long kept(int batch) {
        INDArray features = TestArrays.normal(DataType.DOUBLE, 1, batch, 4, WIDTH);
        memory.reset();
        return pooling.forward(features, Context.of(memory), TestArrays.blank(DataType.DOUBLE, batch, WIDTH))
                .keptBytes();
    }

    @Test
    void aFrozenOperatorGivesTheSameGradientOfTheFeatures() {
        INDArray features = TestArrays.normal(DataType.DOUBLE, 1, 2, 5, WIDTH);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, WIDTH);
        INDArray gradOutput = TestArrays.normal(DataType.DOUBLE, 2, 2, WIDTH);
        double[] frozen =
                numbers(pooling.forward(features, context(5, 3, 5), result).backward(gradOutput));
        memory.reset();
        try (ParameterGroups groups = new ParameterGroups(pooling.parameters())) {
            assertThat(groups.count()).isEqualTo(2 * (9 * 4 + 9 * 3 + 18) + 3);
            assertThat(numbers(
                            pooling.forward(features, context(5, 3, 5), result).backward(gradOutput)))
                    .isEqualTo(frozen);
        }
    }

    @Test
    void aWarmStepMakesAsManyNativeObjectsAsTheLast() {
        INDArray features = TestArrays.normal(DataType.DOUBLE, 1, 2, 5, WIDTH);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, WIDTH);
        INDArray gradOutput = TestArrays.normal(DataType.DOUBLE, 2, 2, WIDTH);
        Context context = context(5, 3, 5);
        try (ParameterGroups groups = new ParameterGroups(pooling.parameters())) {
            Runnable step = () -> {
                memory.reset();
                groups.zeroGradients();
                pooling.forward(features, context, result).backward(gradOutput);
            };
            step.run();
            step.run();
            long bytes = memory.bytes();
            assertThat(NativeBytes.created(step)).isLessThanOrEqualTo(NativeBytes.created(groups::zeroGradients));
            assertThat(memory.bytes()).isEqualTo(bytes);
        }
    }

    @Test
    void startsBySeed() {
        assertThat(start(1)).isEqualTo(start(1)).isNotEqualTo(start(2));
        assertThat(pooling.parameters())
                .extracting(Parameter::name)
                .startsWith("p.gru.weight_ih_l0", "p.gru.weight_hh_l0", "p.gru.bias_ih_l0", "p.gru.bias_hh_l0")
                .endsWith("p.gru.bias_hh_l0_reverse", "p.linear.weight");
    }

    private static double[] start(long seed) {
        try (GeneralizedPooling made = new GeneralizedPooling("p", SMALL, DataType.DOUBLE, seed)) {
            return numbers(made.parameters().get(0).value());
        }
    }

    @Test
    void refusesWhatCannotBe() {
        INDArray features = TestArrays.normal(DataType.DOUBLE, 1, 2, 5, WIDTH);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, WIDTH);
        assertThatThrownBy(() -> pooling.infer(features, context(5, 3, 0), result))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("mask must leave at least one token to each example, but none to 1");
        assertThatThrownBy(() -> pooling.infer(features, context(4, 3, 4), result))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("mask must have shape [2, 5], but has [2, 4]");
        assertThatThrownBy(() -> new Options(3, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("positionWidth must be positive and even, but is 3");
        assertThatThrownBy(() -> new Options(2, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("hidden must be positive, but is 0");
        assertThatThrownBy(() -> new Options(2, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("temperature must be positive, but is 0.0");
    }

    private Context context(int tokens, int... lengths) {
        return new Context(memory, lengths.length == 0 ? null : mask(tokens, lengths), null, OptionalLong.empty());
    }

    static INDArray mask(int tokens, int... lengths) {
        double[] mask = new double[lengths.length * tokens];
        for (int n = 0; n < lengths.length; n++) {
            Arrays.fill(mask, n * tokens, n * tokens + lengths[n], 1);
        }
        return TestArrays.of(DataType.DOUBLE, mask, lengths.length, tokens);
    }
}
