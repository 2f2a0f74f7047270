package io.github.sherl4j.nd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.route.SherlConfig;
import io.github.sherl4j.route.SherlModel;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What is different on a GPU: where arrays live. Skipped without one; with one, and its backend, {@code mvn -Pcuda test}. */
class GpuSmokeTest {
    @BeforeEach
    void needsAGpu() {
        assumeTrue(Backend.hasGpu(), "There is no GPU, or no backend for it on the class path: nothing to test");
        NativeMemory.initialize();
        assertThat(Nd4j.getEnvironment().isCPU()).isFalse();
    }

    @Test
    void arraysOfTheHostReachTheDeviceAndComeBack() {
        try (Memory memory = new Memory(DataType.FLOAT);
                HostFloats host = new HostFloats(2, 2)) {
            for (int round = 1; round <= 3; round++) {
                memory.reset();
                host.put(0, new float[] {round, 2, 3, 4});
                INDArray written = memory.hostArray(2, 2);
                for (int i = 0; i < 4; i++) {
                    written.data().put(i, i == 0 || i == 3 ? round : 0.0);
                }
                INDArray product = memory.step().array(2, 2);
                memory.ops().product(host.array(), written, product);
                assertThat(TestArrays.numbers(product))
                        .containsExactly((double) round * round, 2.0 * round, 3.0 * round, 4.0 * round);
            }
        }
    }

    @Test
    void aTrainingStepHasTheLossOfAnUntrainedClassifier() {
        BertConfig config = new BertConfig(50, 16, 2, 12, 3, 3, 24, 1e-12);
        TokenizedText text = new TokenizedText(new int[] {1, 2, 3}, new int[3]);
        try (BertBackbone bert = BertBackbone.random(config, null, DataType.FLOAT, 1);
                SherlModel model = SherlModel.classifier(bert, SherlConfig.defaults(), List.of("a", "b"));
                TokenBatch batch = TokenBatch.of(List.of(text), new int[] {1})) {
            assertThat(model.accumulate(batch, 1, 1)).isCloseTo(Math.log(2), within(0.5));
        }
    }
}
