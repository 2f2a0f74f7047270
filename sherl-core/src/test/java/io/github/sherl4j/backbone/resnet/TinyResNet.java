package io.github.sherl4j.backbone.resnet;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.Parameter;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/** Very small networks with weights that make every part count, and pictures. */
public final class TinyResNet {
    private TinyResNet() {}

    /** Two stages of bottlenecks in two groups, for small pictures. */
    public static ResNetConfig bottleneck(Integer... depths) {
        return ResNetConfig.resNet50()
                .withSizes(List.of(depths), 4, List.of(2, 4).subList(0, depths.length))
                .withGroups(2, 32)
                .withStem(ResNetConfig.Stem.SMALL);
    }

    /** Two stages of basic blocks behind a large stem. */
    public static ResNetConfig basic(Integer... depths) {
        return ResNetConfig.resNet18()
                .withSizes(List.of(depths), 3, List.of(3, 4).subList(0, depths.length));
    }

    /** A network with norms. */
    public static ResNetBackbone of(ResNetConfig config, DataType type) {
        ResNetBackbone backbone = ResNetBackbone.random(config, type, 1);
        int draw = 0;
        for (Parameter parameter : backbone.parameters()) {
            double[] numbers = TestArrays.normal((int) parameter.value().length(), ++draw);
            boolean convolution = parameter.value().rank() == 4;
            boolean scale = parameter.name().endsWith(".weight");
            TestArrays.set(
                    parameter.value(),
                    TestArrays.each(numbers, x -> convolution ? 0.4 * x : (scale ? 1 : 0) + 0.3 * x));
        }
        for (Parameter buffer : backbone.buffers()) {
            double[] numbers = TestArrays.normal((int) buffer.value().length(), ++draw);
            boolean mean = buffer.name().endsWith("mean");
            TestArrays.set(buffer.value(), TestArrays.each(numbers, x -> mean ? 0.3 * x : Math.exp(0.3 * x)));
        }
        return backbone;
    }

    /** Pictures of random pixels. */
    public static ImageBatch pictures(DataType type, int count, int size, int... labels) {
        return ImageBatch.of(TestArrays.normal(type, 77, count, size, size, 3), labels);
    }
}
