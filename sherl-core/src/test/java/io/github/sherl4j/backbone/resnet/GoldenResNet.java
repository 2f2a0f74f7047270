package io.github.sherl4j.backbone.resnet;

import io.github.sherl4j.Golden;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.weights.WeightSource;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network, its pictures and its weights as a golden file describes them. */
public final class GoldenResNet {
    private GoldenResNet() {}

    public static ResNetConfig config(Golden golden) {
        List<Integer> channels = integers(golden, "channels");
        return ResNetConfig.resNet50()
                .withSizes(
                        integers(golden, "layers"),
                        golden.number("stem"),
                        channels.stream()
                                .map(c -> c / ResNetConfig.Kind.BOTTLENECK.expansion())
                                .toList())
                .withGroups(golden.number("groups"), golden.number("base_width"))
                .withLayout(
                        text(golden, "block").startsWith("torchvision")
                                ? ResNetConfig.Layout.TORCHVISION
                                : ResNetConfig.Layout.CAFFE)
                .withNormEps(golden.real("bn_eps"));
    }

    public static ImageBatch pictures(Golden golden) {
        try (INDArray channelsFirst = golden.array("input.image")) {
            return ImageBatch.of(channelsLast(channelsFirst), new int[0]);
        }
    }

    /** A new array [batch, height, width, channels] of one with channels first. */
    public static INDArray channelsLast(INDArray array) {
        return array.permute(0, 2, 3, 1).dup('c');
    }

    /** A new array with channels first. */
    public static INDArray channelsFirst(INDArray array) {
        return array.permute(0, 3, 1, 2).dup('c');
    }

    /** Parameters and buffers together, as they stand in a checkpoint. */
    public static WeightSource weights(Golden golden) {
        WeightSource parameters = golden.below("param.");
        WeightSource buffers = golden.below("buffer.");
        return new WeightSource() {
            private WeightSource holder(String name) {
                return parameters.names().contains(name) ? parameters : buffers;
            }

            @Override
            public String origin() {
                return parameters.origin();
            }

            @Override
            public Set<String> names() {
                Set<String> names = new LinkedHashSet<>(parameters.names());
                names.addAll(buffers.names());
                return names;
            }

            @Override
            public long[] shape(String name) {
                return holder(name).shape(name);
            }

            @Override
            public DataType type(String name) {
                return holder(name).type(name);
            }

            @Override
            public INDArray read(String name, DataType as) {
                return holder(name).read(name, as);
            }

            @Override
            public void close() {}
        };
    }

    private static List<Integer> integers(Golden golden, String key) {
        return Arrays.stream(text(golden, key).replaceAll("[\\[\\] ]", "").split(","))
                .map(Integer::valueOf)
                .toList();
    }

    private static String text(Golden golden, String key) {
        return Objects.requireNonNull(golden.metadata().get(key), key);
    }
}
