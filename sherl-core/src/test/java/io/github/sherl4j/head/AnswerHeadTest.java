package io.github.sherl4j.head;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class AnswerHeadTest {
    private static final DataType TYPE = DataType.DOUBLE;

    private static Linear pooler() {
        return new Linear(
                Parameter.weight("pooler.weight", TestArrays.normal(TYPE, 5, 4, 4)),
                Parameter.unregularized("pooler.bias", TestArrays.normal(TYPE, 6, 4)));
    }

    /** Drawn anew, since weights of 0.02 hardly move anything. */
    private static AnswerHead head(Linear pooler) {
        AnswerHead head = new AnswerHead("vqa", pooler, 3, TYPE, 1);
        int draw = 10;
        for (Parameter parameter : head.parameters()) {
            TestArrays.set(
                    parameter.value(), TestArrays.normal((int) parameter.value().length(), ++draw));
        }
        return head;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gradientsAreThoseOfCentralDifferences(boolean trainsPooler) {
        Linear pooler = pooler();
        AnswerHead head = head(pooler);
        List<Parameter> trainable = new ArrayList<>(head.parameters());
        if (trainsPooler) {
            trainable.addAll(pooler.parameters());
        }
        try (Memory memory = new Memory(TYPE);
                ParameterGroups groups = new ParameterGroups(trainable)) {
            INDArray states = TestArrays.normal(TYPE, 1, 2, 3, 4);
            INDArray cotangent = TestArrays.normal(TYPE, 2, 2, 3);
            INDArray logits = TestArrays.blank(TYPE, 2, 3);
            double[] before = numbers(states);
            Head.HeadStep step = head.forward(states, Context.of(memory), logits);
            double[] output = numbers(logits);
            INDArray gradStates = step.backward(cotangent.dup()).dup();
            assertThat(numbers(states)).isEqualTo(before);

            DoubleSupplier function = () -> {
                memory.reset();
                head.infer(states, Context.of(memory), logits);
                return CentralDifferences.weightedSum(logits, numbers(cotangent));
            };
            assertThat(function.getAsDouble()).isFinite();
            assertThat(numbers(logits)).isEqualTo(output);
            CentralDifferences.check("states", states, gradStates, function);
            for (Parameter parameter : trainable) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), function);
            }
            assertThat(step.keptBytes()).isEqualTo(8L * 2 * (4 + 8 + 8 + 1 + 8 + (trainsPooler ? 4 : 0)));
        }
    }

    @Test
    void itsOwnParametersGetTheSameGradientsAlone() {
        AnswerHead head = head(pooler());
        try (Memory memory = new Memory(TYPE);
                ParameterGroups groups = new ParameterGroups(head.parameters())) {
            INDArray states = TestArrays.normal(TYPE, 1, 2, 3, 4);
            INDArray cotangent = TestArrays.normal(TYPE, 2, 2, 3);
            INDArray logits = TestArrays.blank(TYPE, 2, 3);
            head.forward(states, Context.of(memory), logits).backward(cotangent.dup());
            double[] whole = numbers(groups.groups().get(0).gradients());
            groups.zeroGradients();
            memory.reset();
            head.forward(states, Context.of(memory), logits).backwardToParameters(cotangent.dup());
            assertThat(numbers(groups.groups().get(0).gradients()))
                    .isEqualTo(whole)
                    .doesNotContain(0);
        }
    }

    @Test
    void namesItsParametersByItsTask() {
        try (AnswerHead head = new AnswerHead("gqa", pooler(), 3, TYPE, 1)) {
            assertThat(head.outputWidth()).isEqualTo(3);
            assertThat(head.parameters())
                    .extracting(Parameter::name)
                    .containsExactly(
                            "head.gqa.inner.weight",
                            "head.gqa.inner.bias",
                            "head.gqa.norm.weight",
                            "head.gqa.norm.bias",
                            "head.gqa.outer.weight",
                            "head.gqa.outer.bias");
        }
    }

    @Test
    void refusesOneAnswer() {
        assertThatThrownBy(() -> new AnswerHead("vqa", pooler(), 1, TYPE, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("answers must be at least 2, but is 1");
    }
}
