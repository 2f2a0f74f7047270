package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.t5.T5Backbone;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.head.VocabularyHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.layer.PositionBias;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class T5SherlGoldenTest {
    private Golden golden;
    private T5Backbone t5;
    private SequenceBatch batch;
    private Memory memory;

    @ParameterizedTest
    @CsvSource({"t5_sherl, DOUBLE", "t5_sherl, FLOAT", "t5_sherl_skip, DOUBLE", "t5_sherl_skip, FLOAT"})
    void equalsTheReferenceInStatesLogitsLossAndEveryGradient(String file, DataType type) {
        golden = new Golden(file, type);
        t5 = T5Backbone.load(T5Golden.config(golden), golden.below("param."), null, type);
        batch = T5Golden.batch(golden);
        memory = new Memory(type);
        EncoderDecoderRoute<SequenceBatch> route = T5Golden.route(golden, t5);
        try (ParameterGroups groups = ParameterGroups.prefixed(route.sides())) {
            for (int round = 0; round < 3; round++) {
                groups.zeroGradients();
                checkStep(route, groups);
            }
            checkMemories(route);
            assertThat(golden.worst()).isPositive();
        } finally {
            memory.close();
            batch.close();
            t5.close();
            golden.close();
        }
    }

    private void checkStep(EncoderDecoderRoute<SequenceBatch> route, ParameterGroups groups) {
        memory.reset();
        VocabularyHead head = new VocabularyHead(t5.outputTable(), t5.outputScale());
        Context context = t5.encoder().context(memory, batch, OptionalLong.empty());
        INDArray states = memory.step().array(route.resultShape(batch));
        route.infer(batch, context, states);
        golden.check("decoder.side", states);
        INDArray logits = memory.step().array(states.size(0) * states.size(1), t5.vocabulary());
        head.infer(memory.rows(states), memory, logits);
        golden.check("logits", logits);

        TestArrays.fill(states, Double.NaN);
        EncoderDecoderRoute.Kept step = route.forward(batch, context, states);
        golden.check("decoder.side", states);
        check("hidden.encoder.", step.encoder().adapter().states());
        check("hidden.decoder.", step.decoder().states());
        checkBuckets();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradient = memory.scratch().array(states.shape());
            double weight = golden.array("cotangent").getDouble(0);
            double loss = head.loss(states, batch.labelRows(), batch.labels(), memory, weight, gradient);
            golden.check("output", TestArrays.of(DataType.DOUBLE, new double[] {loss}, 1));
            step.backward(gradient);
        }
        groups.named().forEach((name, parameter) -> {
            String side = name.substring(0, "encoder.".length());
            golden.check("grad.param." + T5Golden.reference(side, parameter), parameter.gradient());
        });
        assertThat(groups.parameters()).hasSize((int) golden.names().stream()
                .filter(name -> name.startsWith("grad.param."))
                .count());
    }

    private void check(String prefix, List<INDArray> states) {
        for (int i = 0; i < states.size(); i++) {
            golden.check(prefix + i, states.get(i));
        }
        assertThat(golden.has(prefix + states.size())).isFalse();
    }

    /** Biases are the numbers of the buckets of the file. */
    private void checkBuckets() {
        for (String side : new String[] {"encoder", "decoder"}) {
            Context context =
                    (side.equals("encoder") ? t5.encoder() : t5.decoder()).context(memory, batch, OptionalLong.empty());
            PositionBias bias = Objects.requireNonNull(context.positionBias());
            int[] buckets = golden.integers("buckets." + side);
            Parameter table = t5.parameters().stream()
                    .filter(p -> p.name().startsWith(side) && p.name().contains("relative_attention_bias"))
                    .findFirst()
                    .orElseThrow();
            long tokens = bias.values().size(2);
            for (int i = 0; i < buckets.length; i++) {
                assertThat(bias.values().getDouble(0, 0, i / tokens, i % tokens))
                        .isEqualTo(table.value().getDouble(buckets[i], 0));
            }
        }
    }

    private void checkMemories(EncoderDecoderRoute<SequenceBatch> route) {
        memory.reset();
        Context context = t5.encoder().context(memory, batch, OptionalLong.empty());
        EncoderDecoderRoute.Memories memories = route.memories(batch, context, memory.step());
        golden.check("encoder.plain", memories.plain().states());
        golden.check("encoder.side", memories.adapted().states());
    }
}
