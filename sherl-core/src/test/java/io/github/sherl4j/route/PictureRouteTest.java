package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.head.Head;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** SHERL over pictures: states of several sizes and widths, batch norms in the adapter. */
class PictureRouteTest {
    private static final SherlConfig CONFIG =
            SherlConfig.defaults().withPreset(AdapterPreset.VSE_IMAGE).withReduction(2);

    @TempDir
    Path folder;

    private static ImageBatch batch(DataType type) {
        return ImageBatch.of(TestArrays.normal(type, 3, 3, 16, 8, 3), new int[] {0, 1, 1});
    }

    @Test
    void gradientsAreThoseOfCentralDifferencesThroughTheLateBlock() {
        DataType type = DataType.DOUBLE;
        try (TinyPictures pictures = new TinyPictures(type);
                ImageBatch batch = batch(type);
                Memory memory = new Memory(type)) {
            SherlRoute<ImageBatch> route = SherlRoute.of(pictures, CONFIG);
            try (ParameterGroups groups = new ParameterGroups(route.trainable())) {
                for (Parameter parameter : groups.parameters()) {
                    if (parameter.name().equals("adapter.gate")) {
                        TestArrays.fill(parameter.value(), 0.03);
                    }
                }
                INDArray result = TestArrays.blank(type, route.resultShape(batch));
                assertThat(result.shape()).containsExactly(3, 4, 2, 6);
                double[] cotangent = TestArrays.normal((int) result.length(), 9);
                DoubleSupplier loss = () -> {
                    memory.reset();
                    route.forward(batch, pictures.context(memory, batch, OptionalLong.empty()), result);
                    return CentralDifferences.weightedSum(result, cotangent);
                };
                for (int round = 0;
                        round < 3;
                        round++) { // what ended with the forward pass is overwritten in the third
                    memory.reset();
                    groups.zeroGradients();
                    route.forward(batch, pictures.context(memory, batch, OptionalLong.empty()), result)
                            .backward(TestArrays.of(type, cotangent, result.shape()));
                }
                for (Parameter parameter : groups.parameters()) {
                    CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
                }
            }
        }
    }

    @Test
    void theLargeEarlyStatesAreNotKept() {
        DataType type = DataType.FLOAT;
        try (TinyPictures pictures = new TinyPictures(type);
                ImageBatch batch = batch(type);
                Memory memory = new Memory(type)) {
            SherlRoute<ImageBatch> route = SherlRoute.of(pictures, CONFIG);
            INDArray result = TestArrays.blank(type, route.resultShape(batch));
            SherlRoute.Kept kept = null;
            for (int round = 0; round < 2; round++) {
                memory.reset();
                kept = route.forward(batch, pictures.context(memory, batch, OptionalLong.empty()), result);
            }
            assertThat(kept.adapter().states()).hasSize(1);
            long firstState = 3L * 16 * 8 * 4 * Float.BYTES;
            assertThat(memory.step().bytes()).isBetween(kept.keptBytes(), kept.keptBytes() + firstState - 1);
        }
    }

    @Test
    void runningStatisticsComeBackFromAFile() throws IOException {
        DataType type = DataType.FLOAT;
        Path file = folder.resolve("adapter.safetensors");
        try (TinyPictures pictures = new TinyPictures(type);
                ImageBatch batch = batch(type);
                Classifier<ImageBatch> trained = classifier(pictures, 1);
                Classifier<ImageBatch> restored = classifier(pictures, 2)) {
            assertThat(trained.buffers()).hasSize(8);
            double[] fresh = TestArrays.numbers(trained.buffers().get(0).value());
            for (int step = 0; step < 5; step++) {
                trained.accumulate(batch, 1, step);
            }
            assertThat(TestArrays.numbers(trained.buffers().get(0).value())).isNotEqualTo(fresh);
            double[][] expected = trained.probabilities(batch);
            assertThat(Arrays.deepEquals(restored.probabilities(batch), expected))
                    .isFalse();

            SafeTensors.write(file, AdapterFiles.tensors(trained), Map.of());
            try (SafeTensors tensors = SafeTensors.open(file)) {
                AdapterFiles.restore(restored, tensors);
            }

            for (int i = 0; i < 8; i++) {
                assertThat(TestArrays.numbers(restored.buffers().get(i).value()))
                        .isEqualTo(TestArrays.numbers(trained.buffers().get(i).value()));
            }
            assertThat(Arrays.deepEquals(restored.probabilities(batch), expected))
                    .isTrue();
        }
    }

    @Test
    void aFileWithoutRunningStatisticsIsRefused() throws IOException {
        Path file = folder.resolve("adapter.safetensors");
        try (TinyPictures pictures = new TinyPictures(DataType.FLOAT);
                Classifier<ImageBatch> model = classifier(pictures, 1)) {
            Map<String, INDArray> tensors = AdapterFiles.tensors(model);
            assertThat(tensors.remove("adapter.reduction.0.norm.running_var")).isNotNull();
            SafeTensors.write(file, tensors, Map.of());
            try (SafeTensors open = SafeTensors.open(file)) {
                assertThatThrownBy(() -> AdapterFiles.restore(model, open))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("adapter.reduction.0.norm.running_var");
            }
        }
    }

    @Test
    void closingAModelFreesItsBuffers() {
        try (TinyPictures pictures = new TinyPictures(DataType.FLOAT)) {
            Classifier<ImageBatch> model = classifier(pictures, 1);
            List<Parameter> buffers = model.buffers();
            model.close();
            assertThat(buffers).allMatch(buffer -> buffer.value().wasClosed());
        }
    }

    /** A head of tokens for states of pixels. */
    private record Flat(ClassificationHead head) implements Head {
        private static INDArray flat(INDArray states, Context context) {
            long pixels = states.size(1) * states.size(2);
            return context.memory().reshape(states, states.size(0), pixels, states.size(3));
        }

        @Override
        public long outputWidth() {
            return head.outputWidth();
        }

        @Override
        public void infer(INDArray states, Context context, INDArray result) {
            head.infer(flat(states, context), context, result);
        }

        @Override
        public HeadStep forward(INDArray states, Context context, INDArray result) {
            return new FlatStep(states, context, head.forward(flat(states, context), context, result));
        }

        @Override
        public List<Parameter> parameters() {
            return head.parameters();
        }
    }

    private record FlatStep(INDArray states, Context context, Head.HeadStep flat) implements Head.HeadStep {
        @Override
        public void backwardToParameters(INDArray gradResult) {
            flat.backwardToParameters(gradResult);
        }

        @Override
        public INDArray backward(INDArray gradOutput) {
            return context.memory().reshape(flat.backward(gradOutput), states.shape());
        }
    }

    private static Classifier<ImageBatch> classifier(TinyPictures pictures, long seed) {
        Head head = new Flat(new ClassificationHead(Pooling.MEAN, 6, 2, DataType.FLOAT, seed));
        return new Classifier<>(pictures, SherlRoute.of(pictures, CONFIG.withSeed(seed)), head, List.of("a", "b"));
    }
}
