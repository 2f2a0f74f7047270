package io.github.sherl4j.backbone.resnet;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One convolution with its norm, by torchvision's names.
 *
 * @param convolution name of the convolution
 * @param norm name of its norm
 * @param out channels of the result
 * @param in channels of the input
 * @param kernel edge length
 */
record ConvSpec(String convolution, String norm, int out, int in, int kernel, int stride, int groups) {
    static final int COLOURS = 3;

    /**
     * A block: its convolutions in order, and the shortcut's where the shape changes.
     *
     * @param main in order
     * @param shortcut null for the identity
     */
    record Block(List<ConvSpec> main, @Nullable ConvSpec shortcut) {
        List<ConvSpec> all() {
            List<ConvSpec> all = new ArrayList<>(main);
            if (shortcut != null) {
                all.add(shortcut);
            }
            return all;
        }
    }

    long[] weightShape() {
        return new long[] {out, in / groups, kernel, kernel};
    }

    int padding() {
        return kernel / 2;
    }

    String weightName() {
        return convolution + ".weight";
    }

    /** The folded norm's shift. */
    String biasName() {
        return convolution + ".bias";
    }

    String scaleName() {
        return norm + ".weight";
    }

    String shiftName() {
        return norm + ".bias";
    }

    String meanName() {
        return norm + ".running_mean";
    }

    String varianceName() {
        return norm + ".running_var";
    }

    static ConvSpec stem(ResNetConfig config) {
        boolean large = config.stem() == ResNetConfig.Stem.LARGE;
        return new ConvSpec("conv1", "bn1", config.stemWidth(), COLOURS, large ? 7 : 3, large ? 2 : 1, 1);
    }

    /** All convolutions, in the order of the network. */
    static List<ConvSpec> all(ResNetConfig config) {
        List<ConvSpec> all = new ArrayList<>();
        all.add(stem(config));
        blocks(config).forEach(block -> all.addAll(block.all()));
        return all;
    }

    static List<Block> blocks(ResNetConfig config) {
        List<Block> blocks = new ArrayList<>();
        for (int stage = 1; stage <= config.stages(); stage++) {
            for (int i = 0; i < config.depths().get(stage - 1); i++) {
                blocks.add(block(config, stage, i));
            }
        }
        return blocks;
    }

    private static Block block(ResNetConfig config, int stage, int index) {
        String name = "layer%d.%d.".formatted(stage, index);
        int in = config.channels(index == 0 ? stage - 1 : stage);
        int out = config.channels(stage);
        int stride = index == 0 && stage > 1 ? 2 : 1;
        List<ConvSpec> main = config.kind() == ResNetConfig.Kind.BASIC
                ? List.of(
                        numbered(name, 1, out, in, 3, stride, 1), //
                        numbered(name, 2, out, out, 3, 1, 1))
                : bottleneck(config, name, config.innerChannels(stage), in, out, stride);
        boolean changes = stride != 1 || in != out;
        ConvSpec shortcut =
                changes ? new ConvSpec(name + "downsample.0", name + "downsample.1", out, in, 1, stride, 1) : null;
        return new Block(main, shortcut);
    }

    private static List<ConvSpec> bottleneck(ResNetConfig config, String name, int inner, int in, int out, int stride) {
        boolean caffe = config.layout() == ResNetConfig.Layout.CAFFE;
        return List.of(
                numbered(name, 1, inner, in, 1, caffe ? stride : 1, 1),
                numbered(name, 2, inner, inner, 3, caffe ? 1 : stride, config.groups()),
                numbered(name, 3, out, inner, 1, 1, 1));
    }

    private static ConvSpec numbered(String block, int number, int out, int in, int kernel, int stride, int groups) {
        return new ConvSpec(block + "conv" + number, block + "bn" + number, out, in, kernel, stride, groups);
    }
}
