package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.resnet.ResNetConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which residual network is pre-trained. */
final class EncoderOptions {
    private static final int LARGE_PICTURE = 96;
    private static final List<Integer> SMALL_WIDTHS = List.of(32, 64, 128);

    /** Networks by name; the small one has widths of its own. */
    enum Kind {
        SMALL,
        RESNET18,
        RESNET50;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Blocks of the small network. */
    enum Block {
        BASIC,
        BOTTLENECK;

        ResNetConfig network() {
            return this == BASIC ? ResNetConfig.resNet18() : ResNetConfig.resNet50();
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "${COMPLETION-CANDIDATES}: small is a few blocks"
                    + " (default: small for pictures below 96 pixels, else resnet18).")
    private @Nullable Kind kind;

    @Option(
            names = "--widths",
            paramLabel = "N",
            split = ",",
            description = "Channels of each stage of the small network (default: 32,64,128).")
    private List<Integer> widths = new ArrayList<>();

    @Option(
            names = "--depths",
            paramLabel = "N",
            split = ",",
            description = "Blocks of each stage of the small network (default: one each).")
    private List<Integer> depths = new ArrayList<>();

    @Option(
            names = "--block",
            paramLabel = "KIND",
            description =
                    "What the small network's blocks are: ${COMPLETION-CANDIDATES}; bottlenecks make features four"
                            + " times as wide as --widths says, at little cost (default: basic).")
    private @Nullable Block block;

    @Option(
            names = "--stem",
            paramLabel = "STEM",
            description = "large: 7x7 convolution and max pool, both of stride 2; small: 3x3 convolution"
                    + " (default: small for pictures below 96 pixels).")
    private ResNetConfig.@Nullable Stem stem;

    void check(Options options) {
        options.require(widths.stream().allMatch(width -> width >= 1), "--widths must be positive, but are %s", widths);
        options.require(depths.stream().allMatch(depth -> depth >= 1), "--depths must be positive, but are %s", depths);
        int stages = widths.isEmpty() ? SMALL_WIDTHS.size() : widths.size();
        options.require(
                depths.isEmpty() || depths.size() == stages,
                "--depths must be one for each of the %s --widths, but are %s",
                stages,
                depths);
        boolean small = kind == null || kind == Kind.SMALL;
        options.onlyIf(small, "--block", "--arch small");
        options.onlyIf(small, "--depths", "--arch small");
        options.onlyIf(small, "--widths", "--arch small");
    }

    ResNetConfig config(int size) {
        Kind chosen = kind != null ? kind : size < LARGE_PICTURE ? Kind.SMALL : Kind.RESNET18;
        ResNetConfig config = switch (chosen) {
            case SMALL -> small(widths.isEmpty() ? SMALL_WIDTHS : widths);
            case RESNET18 -> ResNetConfig.resNet18();
            case RESNET50 -> ResNetConfig.resNet50();
        };
        ResNetConfig.Stem bySize = size < LARGE_PICTURE ? ResNetConfig.Stem.SMALL : ResNetConfig.Stem.LARGE;
        return config.withStem(stem == null ? bySize : stem).withZeroLastNorm(true);
    }

    private ResNetConfig small(List<Integer> widths) {
        return (block == null ? Block.BASIC : block)
                .network()
                .withSizes(depths.isEmpty() ? Collections.nCopies(widths.size(), 1) : depths, widths.get(0), widths);
    }
}
