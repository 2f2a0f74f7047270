package io.github.sherl4j.tuning;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.route.ClassifierOptions;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.route.TextClassifier;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class HeadOnlyTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void runsTheWholeNetworkAndKeepsNothing(int blocks) {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, blocks);
                Memory memory = new Memory(DataType.DOUBLE);
                TokenBatch batch = TinyBert.batch()) {
            Context context = bert.context(memory, batch, OptionalLong.empty());
            INDArray state = TestArrays.blank(DataType.DOUBLE, bert.stateShape(batch));
            bert.stem().infer(batch, context, state);
            for (Layer block : bert.blocks()) {
                INDArray next = TestArrays.blank(DataType.DOUBLE, state.shape());
                block.infer(state, context, next);
                state = next;
            }
            INDArray result = TestArrays.blank(DataType.DOUBLE, state.shape());
            HeadOnly<TokenBatch> route = new HeadOnly<>(bert);

            route.infer(batch, context, result);
            assertThat(numbers(result)).isEqualTo(numbers(state));
            TestArrays.fill(result, Double.NaN);
            Route.RouteStep step = route.forward(batch, context, result);
            step.backward(result);

            assertThat(numbers(result)).isEqualTo(numbers(state));
            assertThat(step.keptBytes()).isZero();
            assertThat(route.trainable()).isEmpty();
        }
    }

    @Test
    void onlyTheHeadLearns() {
        ClassifierOptions options = ClassifierOptions.of(List.of("a", "b")).withMaxLength(12);
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 2);
                TextClassifier model = HeadOnly.classifier(bert, options);
                TokenBatch batch = TinyBert.batch(0, 1)) {
            List<Parameter> parameters = model.parameters().parameters();
            model.accumulate(batch, 1, 0);

            assertThat(parameters)
                    .extracting(Parameter::name)
                    .containsExactly("head.linear.weight", "head.linear.bias");
            for (Parameter parameter : parameters) {
                INDArray gradient = parameter.gradient().dup('c');
                CentralDifferences.check(
                        parameter.name(), parameter.value(), gradient, () -> model.accumulate(batch, 0, 0));
            }
        }
    }
}
