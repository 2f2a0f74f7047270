package io.github.sherl4j.head;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.head.EmbeddingOptions.TokenPooling;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class EmbeddingHeadTest {
    private static final int WIDTH = 3;
    private static final int EMBED = 2;
    private static final int TOKENS = 3;

    private final Memory memory = new Memory(DataType.DOUBLE);
    private final Context context =
            new Context(memory, GeneralizedPoolingTest.mask(TOKENS, 3, 2), null, OptionalLong.empty());
    private final INDArray states = TestArrays.normal(DataType.DOUBLE, 1, 2, TOKENS, WIDTH);
    private final INDArray embeddings = TestArrays.blank(DataType.DOUBLE, 2, EMBED);
    private final double[] cotangent = TestArrays.normal(2 * EMBED, 2);

    @AfterEach
    void free() {
        memory.close();
    }

    static Stream<EmbeddingOptions> options() {
        EmbeddingOptions defaults =
                EmbeddingOptions.defaults().withEmbed(EMBED).withGeneralized(new GeneralizedPooling.Options(4, 3, 0.5));
        return Arrays.stream(TokenPooling.values())
                .map(defaults::withPooling)
                .flatMap(options -> Stream.of(options, options.withNormalize(false)));
    }

    private static EmbeddingHead head(EmbeddingOptions options) {
        return new EmbeddingHead("text", options, WIDTH, DataType.DOUBLE, 3);
    }

    @ParameterizedTest
    @MethodSource("options")
    void gradientsAreThoseOfCentralDifferences(EmbeddingOptions options) {
        EmbeddingHead head = head(options);
        DoubleSupplier loss = () -> {
            memory.reset();
            head.infer(states, context, embeddings);
            return CentralDifferences.weightedSum(embeddings, cotangent);
        };
        double[] before = numbers(states);
        try (ParameterGroups groups = new ParameterGroups(head.parameters())) {
            Head.HeadStep step = head.forward(states, context, embeddings);
            double[] forward = numbers(embeddings);
            INDArray gradStates = step.backward(TestArrays.of(DataType.DOUBLE, cotangent, 2, EMBED))
                    .dup('c');

            assertThat(numbers(states)).isEqualTo(before);
            head.infer(states, context, embeddings);
            assertThat(numbers(embeddings)).isEqualTo(forward);
            CentralDifferences.check("states", states, gradStates, loss);
            for (Parameter parameter : head.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
            }
            List<double[]> gradients = gradients(head);
            memory.reset();
            groups.zeroGradients();
            head.forward(states, context, embeddings)
                    .backwardToParameters(TestArrays.of(DataType.DOUBLE, cotangent, 2, EMBED));
            assertThat(gradients(head)).usingRecursiveComparison().isEqualTo(gradients);
        }
    }

    private static List<double[]> gradients(EmbeddingHead head) {
        return head.parameters().stream().map(p -> numbers(p.gradient())).toList();
    }

    @ParameterizedTest
    @MethodSource("options")
    void rowsHaveLengthOneIfAsked(EmbeddingOptions options) {
        try (EmbeddingHead head = head(options)) {
            head.infer(states, context, embeddings);
            double[] e = numbers(embeddings);
            double first = Math.hypot(e[0], e[1]);
            if (options.normalize()) {
                assertThat(first).isCloseTo(1, within(1e-6));
            } else {
                assertThat(Math.abs(first - 1)).isGreaterThan(0.01);
            }
            assertThat(head.outputWidth()).isEqualTo(EMBED);
            assertThat(head.options()).isEqualTo(options);
        }
    }

    @Test
    void poolsAndProjectsInEitherOrder() {
        EmbeddingOptions mean = EmbeddingOptions.defaults()
                .withEmbed(EMBED)
                .withPooling(TokenPooling.MEAN)
                .withNormalize(false);
        try (EmbeddingHead head = head(mean)) {
            head.infer(states, context, embeddings);
            double[] weight = numbers(head.parameters().get(0).value());
            double[] bias = numbers(head.parameters().get(1).value());
            double[] x = numbers(states);
            for (int n = 0; n < 2; n++) {
                int length = 3 - n;
                for (int e = 0; e < EMBED; e++) {
                    double sum = 0;
                    for (int token = 0; token < length; token++) {
                        sum += bias[e];
                        for (int i = 0; i < WIDTH; i++) {
                            sum += weight[e * WIDTH + i] * x[(n * TOKENS + token) * WIDTH + i];
                        }
                    }
                    assertThat(numbers(embeddings)[n * EMBED + e]).isCloseTo(sum / length, within(1e-14));
                }
            }
        }
    }

    @Test
    void namesAndFreesItsParameters() {
        EmbeddingHead head = head(EmbeddingOptions.defaults().withEmbed(EMBED));
        assertThat(head.parameters())
                .extracting(Parameter::name)
                .hasSize(11)
                .startsWith("text.linear.weight", "text.linear.bias", "text.pooling.gru.weight_ih_l0")
                .endsWith("text.pooling.linear.weight");
        head.close();
        assertThat(head.parameters()).allMatch(parameter -> parameter.value().wasClosed());
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> EmbeddingOptions.defaults().withEmbed(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("embed must be at least 1, but is 0");
        assertThatThrownBy(() -> EmbeddingOptions.defaults().withNormEps(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("normEps must be positive, but is 0.0");
    }
}
