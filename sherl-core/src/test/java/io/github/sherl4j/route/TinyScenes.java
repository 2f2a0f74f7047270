package io.github.sherl4j.route;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.backbone.detr.DetrConfig;
import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.data.Box;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.SceneBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;

/** Very small MDETRs with weights that make every part count, and batches of two pictures. */
final class TinyScenes {
    static final int CLASSES = 9;
    static final int QUERIES = 3;

    private TinyScenes() {}

    static DetrConfig config(int encoderLayers, int decoderLayers) {
        return new DetrConfig(4, 2, 6, encoderLayers, decoderLayers, QUERIES, 1e-5);
    }

    static ResNetConfig pictures() {
        return ResNetConfig.resNet18()
                .withSizes(List.of(1, 1, 1, 1), 3, List.of(3, 3, 4, 4))
                .withStem(ResNetConfig.Stem.SMALL);
    }

    static MdetrNetwork network(DataType type, int encoderLayers, int decoderLayers) {
        MdetrNetwork network = MdetrNetwork.random(
                config(encoderLayers, decoderLayers),
                CLASSES,
                ResNetBackbone.random(pictures(), type, 1),
                TinyBert.of(type, 1),
                1);
        redraw(Stream.concat(network.frontParameters().stream(), network.transformer().parameters().stream())
                .toList());
        return network;
    }

    static void redraw(List<Parameter> parameters) {
        int draw = 50;
        for (Parameter parameter : parameters) {
            double[] numbers = TestArrays.normal((int) parameter.value().length(), ++draw);
            boolean scale =
                    parameter.name().contains("norm") && parameter.name().endsWith("weight");
            TestArrays.set(parameter.value(), TestArrays.each(numbers, x -> scale ? 1 + 0.3 * x : 0.5 * x));
        }
    }

    /** Two boxes in the first picture, whose right half is padding, and one in the second. */
    static SceneBatch batch(DataType type) {
        return batch(
                type,
                List.of(
                        List.of(target(0.3, 0.4, 0.2, 0.3, 1), target(0.6, 0.7, 0.5, 0.2, 2, 3)),
                        List.of(target(0.5, 0.45, 0.31, 0.42, 4))));
    }

    static SceneBatch batch(DataType type, List<List<SceneBatch.Target>> targets) {
        List<int[]> sizes = new ArrayList<>();
        sizes.add(new int[] {16, 8});
        sizes.add(new int[] {16, 16});
        return new SceneBatch(
                ImageBatch.of(TestArrays.normal(type, 3, 2, 16, 16, 3), new int[0]),
                sizes.toArray(int[][]::new),
                TokenBatch.of(List.of(TinyBert.text(2, 5, 6, 5, 3), TinyBert.pair()), new int[0]),
                targets);
    }

    /** Some of as many pictures as there are lists of targets, as a part of a batch of all of them. */
    static SceneBatch part(DataType type, List<List<SceneBatch.Target>> targets, int from, int to) {
        int pixels = 16 * 16 * 3;
        double[] all = TestArrays.normal(targets.size() * pixels, 3);
        int[][] sizes = new int[to - from][];
        Arrays.fill(sizes, new int[] {16, 16});
        return new SceneBatch(
                ImageBatch.of(
                        TestArrays.of(type, Arrays.copyOfRange(all, from * pixels, to * pixels), to - from, 16, 16, 3),
                        new int[0]),
                sizes,
                TokenBatch.of(
                        IntStream.range(from, to)
                                .mapToObj(i -> TinyBert.text(2, 5, 6, 5 + i, 3))
                                .toList(),
                        new int[0]),
                targets.subList(from, to),
                targets.stream().mapToInt(List::size).sum() / (double) targets.size());
    }

    static SceneBatch.Target target(double x, double y, double width, double height, int... tokens) {
        return new SceneBatch.Target(new Box(x, y, width, height), tokens);
    }
}
