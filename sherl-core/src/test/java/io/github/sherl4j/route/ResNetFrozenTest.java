package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.backbone.resnet.TinyResNet;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.tuning.FullTuning;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** What SHERL leaves alone in a residual network, and what full fine-tuning does not. */
class ResNetFrozenTest {
    private static final DataType TYPE = DataType.FLOAT;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noFrozenParameterOrBufferChangesByABitInTraining(boolean folded) {
        try (ResNetBackbone whole = TinyResNet.of(TinyResNet.bottleneck(2, 2), TYPE);
                ResNetBackbone small = whole.folded();
                ImageBatch batch = TinyResNet.pictures(TYPE, 4, 8, 0, 1, 1, 0)) {
            ResNetBackbone backbone = folded ? small : whole;
            List<double[]> frozen = values(backbone);
            try (Classifier<ImageBatch> model = sherl(backbone)) {
                List<double[]> before = parameters(model);
                double first = train(model, batch, 1);
                double last = train(model, batch, 12);
                assertThat(last).isLessThan(first);
                List<double[]> after = parameters(model);
                for (int i = 0; i < before.size(); i++) {
                    String name = model.parameters().parameters().get(i).name();
                    boolean cancels =
                            name.startsWith("adapter.") && name.endsWith("linear.bias"); // before a batch norm
                    if (!cancels) {
                        assertThat(after.get(i)).as(name).isNotEqualTo(before.get(i));
                    }
                }
            }
            assertThat(values(backbone)).usingRecursiveComparison().isEqualTo(frozen);
            assertThat(backbone.parameters()).noneMatch(Parameter::trainable);
        }
    }

    @Test
    void memoryDoesNotGrowWithTheNumberOfEarlyBlocks() {
        List<Long> bytes = new ArrayList<>();
        for (int blocks : new int[] {3, 4, 9}) {
            try (ResNetBackbone whole = TinyResNet.of(TinyResNet.bottleneck(blocks, 2), TYPE);
                    ResNetBackbone backbone = whole.folded();
                    ImageBatch batch = TinyResNet.pictures(TYPE, 4, 8, 0, 1, 1, 0);
                    Classifier<ImageBatch> model = sherl(backbone)) {
                assertThat(backbone.config().stageTaps()).hasSize(2);
                train(model, batch, 3);
                bytes.add(model.workingBytes());
            }
        }
        assertThat(bytes.get(0)).isPositive();
        assertThat(bytes.get(1)).isEqualTo(bytes.get(0));
        assertThat(bytes.get(2)).isEqualTo(bytes.get(0));
    }

    @Test
    void fullTuningMovesEveryParameterAndTheRunningStatistics() {
        ResNetConfig config = TinyResNet.basic(1, 1).withStem(ResNetConfig.Stem.SMALL);
        try (ResNetBackbone backbone = TinyResNet.of(config, TYPE);
                ImageBatch batch = TinyResNet.pictures(TYPE, 4, 8, 0, 1, 1, 0)) {
            backbone.statistics(BatchNorm.Statistics.BATCH);
            List<double[]> before = values(backbone);
            try (Classifier<ImageBatch> model =
                    new Classifier<>(backbone, new FullTuning<>(backbone), head(backbone), List.of("a", "b"))) {
                double first = train(model, batch, 1);
                assertThat(train(model, batch, 12)).isLessThan(first);
                assertThat(model.buffers()).isEqualTo(backbone.buffers());
                List<double[]> after = values(backbone);
                for (int i = 0; i < before.size(); i++) {
                    assertThat(after.get(i)).isNotEqualTo(before.get(i));
                }
            }
        }
    }

    private static Classifier<ImageBatch> sherl(ResNetBackbone backbone) {
        SherlConfig config = SherlConfig.defaults()
                .withPreset(AdapterPreset.VSE_IMAGE)
                .withTaps(backbone.config().stageTaps());
        return new Classifier<>(backbone, SherlRoute.of(backbone, config), head(backbone), List.of("a", "b"));
    }

    private static ClassificationHead head(ResNetBackbone backbone) {
        return new ClassificationHead(Pooling.MEAN, backbone.width(), 2, TYPE, 1);
    }

    /** Some steps of gradient descent; the loss of the last. */
    private static double train(Classifier<ImageBatch> model, ImageBatch batch, int steps) {
        double loss = 0;
        for (int step = 0; step < steps; step++) {
            model.parameters().zeroGradients();
            loss = model.accumulate(batch, 1, step);
            for (ParameterGroups.Group group : model.parameters().groups()) {
                group.values().subi(group.gradients().mul(0.05));
            }
        }
        return loss;
    }

    private static List<double[]> parameters(Classifier<ImageBatch> model) {
        return model.parameters().parameters().stream()
                .map(parameter -> numbers(parameter.value()))
                .toList();
    }

    private static List<double[]> values(ResNetBackbone backbone) {
        return Stream.concat(backbone.parameters().stream(), backbone.buffers().stream())
                .map(parameter -> numbers(parameter.value()))
                .toList();
    }
}
