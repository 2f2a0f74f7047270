package io.github.sherl4j.head;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class FeatureHeadTest {
    private static final DataType TYPE = DataType.DOUBLE;
    private static final int WIDTH = 3;
    private static final int FRAMES = 4;
    private static final int MOST = 5;
    /** Frames of two videos: three, and one. */
    private static final int[] COUNTS = {3, 1};

    private static final double[] SHARES = {1 / 3.0, 1 / 3.0, 1 / 3.0, 0, 0, 0, 0, 1};

    private final Memory memory = new Memory(TYPE);
    private final INDArray states = TestArrays.normal(TYPE, 1, FRAMES, WIDTH);

    @AfterEach
    void free() {
        memory.close();
    }

    private Context context(boolean videos) {
        Context plain = Context.of(memory);
        return videos ? plain.withSampleShares(TestArrays.of(TYPE, SHARES, 2, FRAMES)) : plain;
    }

    /** CLIP4Clip's similarity, written as it is published: frames padded to a number, and a mask over them. */
    private static double[] slow(double[] frames) {
        double[] result = new double[COUNTS.length * WIDTH];
        int first = 0;
        for (int video = 0; video < COUNTS.length; video++) {
            double[][] padded = new double[MOST][WIDTH];
            double[] mask = new double[MOST];
            for (int frame = 0; frame < MOST; frame++) {
                boolean real = frame < COUNTS[video];
                mask[frame] = real ? 1 : 0;
                for (int i = 0; i < WIDTH; i++) {
                    padded[frame][i] = real ? frames[(first + frame) * WIDTH + i] : 7;
                }
            }
            double[] mean = new double[WIDTH];
            double sum = 0;
            for (int frame = 0; frame < MOST; frame++) {
                double length = length(padded[frame]);
                for (int i = 0; i < WIDTH; i++) {
                    mean[i] += mask[frame] * padded[frame][i] / length;
                }
                sum += mask[frame];
            }
            for (int i = 0; i < WIDTH; i++) {
                mean[i] /= sum;
            }
            double length = length(mean);
            for (int i = 0; i < WIDTH; i++) {
                result[video * WIDTH + i] = mean[i] / length;
            }
            first += COUNTS[video];
        }
        return result;
    }

    private static double length(double[] vector) {
        double squares = 0;
        for (double x : vector) {
            squares += x * x;
        }
        return Math.sqrt(squares);
    }

    @Test
    void isTheNormalisedMeanOfNormalisedFrames() {
        INDArray result = TestArrays.blank(TYPE, 2, WIDTH);
        FeatureHead.of(WIDTH).infer(states, context(true), result);
        assertThat(difference(numbers(result), slow(numbers(states)))).isLessThan(1e-11);
    }

    @Test
    void aVideosFramesInAnyOrderAndLengthSayTheSame() {
        INDArray result = TestArrays.blank(TYPE, 2, WIDTH);
        FeatureHead head = FeatureHead.of(WIDTH);
        head.infer(states, context(true), result);
        double[] expected = numbers(result);
        INDArray other = states.dup();
        other.putRow(0, states.getRow(2).mul(3));
        other.putRow(2, states.getRow(0).mul(0.25));
        head.infer(other, context(true), result);
        assertThat(difference(numbers(result), expected)).isLessThan(1e-11);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain video", "linear video", "plain text", "linear text"})
    void gradientsAreThoseOfCentralDifferences(String kind) {
        boolean videos = kind.endsWith("video");
        Context context = context(videos);
        INDArray result = TestArrays.blank(TYPE, videos ? 2 : FRAMES, WIDTH);
        double[] cotangent = TestArrays.normal((int) result.length(), 2);
        try (FeatureHead head =
                kind.startsWith("linear") ? FeatureHead.linear("head", WIDTH, TYPE) : FeatureHead.of(WIDTH)) {
            head.parameters()
                    .forEach(parameter -> TestArrays.set(
                            parameter.value(),
                            TestArrays.normal((int) parameter.value().length(), 5)));
            DoubleSupplier loss = () -> {
                memory.reset();
                head.infer(states, context, result);
                return CentralDifferences.weightedSum(result, cotangent);
            };
            if (head.parameters().isEmpty()) {
                checkStates(head, context, result, cotangent, loss);
                return;
            }
            try (ParameterGroups groups = new ParameterGroups(head.parameters())) {
                checkStates(head, context, result, cotangent, loss);
                for (Parameter parameter : groups.parameters()) {
                    CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
                }
                double[] whole = numbers(groups.groups().get(0).gradients());
                groups.zeroGradients();
                memory.reset();
                head.forward(states, context, result)
                        .backwardToParameters(TestArrays.of(TYPE, cotangent, result.shape()));
                assertThat(numbers(groups.groups().get(0).gradients())).isEqualTo(whole);
            }
        }
    }

    private void checkStates(
            FeatureHead head, Context context, INDArray result, double[] cotangent, DoubleSupplier loss) {
        double[] before = numbers(states);
        head.infer(states, context, result);
        double[] inferred = numbers(result);
        memory.reset();
        Head.HeadStep step = head.forward(states, context, result);
        assertThat(numbers(result)).isEqualTo(inferred);
        INDArray gradStates =
                step.backward(TestArrays.of(TYPE, cotangent, result.shape())).dup('c');
        assertThat(numbers(states)).isEqualTo(before);
        CentralDifferences.check("states", states, gradStates, loss);
    }

    @Test
    void aWarmStepMakesNothingNative() {
        Context context = context(true);
        INDArray result = TestArrays.blank(TYPE, 2, WIDTH);
        INDArray gradient = TestArrays.normal(TYPE, 3, 2, WIDTH);
        try (FeatureHead head = FeatureHead.linear("head", WIDTH, TYPE);
                ParameterGroups groups = new ParameterGroups(head.parameters())) {
            Runnable step = () -> {
                memory.reset();
                head.forward(states, context, result).backward(gradient);
            };
            step.run();
            step.run();
            assertThat(NativeBytes.created(step)).isZero();
            assertThat(groups.count()).isEqualTo(WIDTH * WIDTH + WIDTH);
        }
    }

    @Test
    void theLinearLayerStartsAsTheIdentity() {
        INDArray plain = TestArrays.blank(TYPE, FRAMES, WIDTH);
        INDArray linear = TestArrays.blank(TYPE, FRAMES, WIDTH);
        FeatureHead.of(WIDTH).infer(states, context(false), plain);
        try (FeatureHead head = FeatureHead.linear("head", WIDTH, TYPE)) {
            head.infer(states, context(false), linear);
        }
        assertThat(numbers(linear)).isEqualTo(numbers(plain));
    }

    @Test
    void refusesStatesOfAnotherShape() {
        INDArray result = TestArrays.blank(TYPE, 2, WIDTH);
        assertThatThrownBy(() -> FeatureHead.of(2).infer(states, context(true), result))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("features must have shape [*, 2], but has [4, 3]");
        assertThatThrownBy(() -> FeatureHead.of(0)).hasMessage("width must be at least 1, but is 0");
    }
}
