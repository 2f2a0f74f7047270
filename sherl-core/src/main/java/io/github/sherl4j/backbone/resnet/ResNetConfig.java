package io.github.sherl4j.backbone.resnet;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.List;

/**
 * Sizes of a residual network (He et al. 2016), ResNeXt (Xie et al. 2017) and wide ones included.
 *
 * @param kind what a block is made of
 * @param depths number of blocks of each stage
 * @param stemWidth channels that the first convolution makes
 * @param widths channels inside the blocks of each stage, before groups widen them; a stage's result has
 *     {@link Kind#expansion()} times as many
 * @param groups groups of the bottlenecks' 3x3 convolutions
 * @param groupWidth channels of each group where a stage's width is 64, in proportion elsewhere; 64 in plain networks
 * @param stem how pictures become the first state
 * @param layout where bottlenecks stride, and how the stem pools
 * @param normEps eps of the batch norms
 * @param zeroLastNorm whether a random network starts with scale 0 in the last norm of each block, so that each block starts
 *     as the identity (Goyal et al. 2017); loaded weights are what they are
 */
public record ResNetConfig(
        Kind kind,
        List<Integer> depths,
        int stemWidth,
        List<Integer> widths,
        int groups,
        int groupWidth,
        Stem stem,
        Layout layout,
        double normEps,
        boolean zeroLastNorm) {
    /** What a block is made of. */
    public enum Kind {
        /** Two 3x3 convolutions. */
        BASIC(1),
        /** 1x1, 3x3, 1x1. */
        BOTTLENECK(4);

        private final int expansion;

        Kind(int expansion) {
            this.expansion = expansion;
        }

        /** How many times the stage's width a block's result has. */
        public int expansion() {
            return expansion;
        }
    }

    /** How pictures become the first state. */
    public enum Stem {
        /** A 7x7 convolution of stride 2 and a max pool of stride 2, for pictures of 224 x 224. */
        LARGE,
        /** A 3x3 convolution alone, for pictures of 32 x 32. */
        SMALL
    }

    /** Where bottlenecks stride, and how the large stem pools. */
    public enum Layout {
        /** The 3x3 convolution strides; the stem's pool has a border of one pixel. */
        TORCHVISION,
        /** The first 1x1 convolution strides; the stem's pool has no border, and its last windows may leave the picture. */
        CAFFE
    }

    private static final int PLAIN_GROUP = 64;

    /** Checks and copies. */
    public ResNetConfig {
        depths = List.copyOf(depths);
        widths = List.copyOf(widths);
        Check.argument(!depths.isEmpty(), "depths must be those of at least one stage, but are none");
        Check.argument(
                depths.size() == widths.size(),
                "widths must be one for each of the stages of depths %s, but are %s",
                depths,
                widths);
        Check.argument(depths.stream().allMatch(depth -> depth > 0), "depths must be positive, but are %s", depths);
        Check.argument(widths.stream().allMatch(width -> width > 0), "widths must be positive, but are %s", widths);
        Check.argument(stemWidth > 0, "stemWidth must be positive, but is %s", stemWidth);
        Check.argument(groups > 0, "groups must be positive, but is %s", groups);
        Check.argument(groupWidth > 0, "groupWidth must be positive, but is %s", groupWidth);
        Check.argument(
                kind == Kind.BOTTLENECK || (groups == 1 && groupWidth == PLAIN_GROUP),
                "groups of basic blocks must be 1 of width 64, but are %s of width %s",
                groups,
                groupWidth);
        for (int width : widths) {
            Check.argument(
                    (long) width * groupWidth >= PLAIN_GROUP,
                    "groupWidth %s leaves no channel to the groups of a stage of width %s",
                    groupWidth,
                    width);
        }
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
    }

    private static ResNetConfig of(Kind kind, Integer... depths) {
        return new ResNetConfig(
                kind,
                List.of(depths),
                64,
                List.of(64, 128, 256, 512),
                1,
                PLAIN_GROUP,
                Stem.LARGE,
                Layout.TORCHVISION,
                1e-5,
                false);
    }

    /** ResNet-18: 11 million parameters. */
    public static ResNetConfig resNet18() {
        return of(Kind.BASIC, 2, 2, 2, 2);
    }

    /** ResNet-34: 21 million parameters. */
    public static ResNetConfig resNet34() {
        return of(Kind.BASIC, 3, 4, 6, 3);
    }

    /** ResNet-50: 24 million parameters. */
    public static ResNetConfig resNet50() {
        return of(Kind.BOTTLENECK, 3, 4, 6, 3);
    }

    /** ResNet-101: 43 million parameters. */
    public static ResNetConfig resNet101() {
        return of(Kind.BOTTLENECK, 3, 4, 23, 3);
    }

    /** ResNet-152: 58 million parameters. */
    public static ResNetConfig resNet152() {
        return of(Kind.BOTTLENECK, 3, 8, 36, 3);
    }

    /** ResNeXt-50 32x4d. */
    public static ResNetConfig resNext50() {
        return resNet50().withGroups(32, 4);
    }

    /** ResNeXt-101 32x8d, the paper's; {@code withGroups(32, 16)} makes it 32x16d. */
    public static ResNetConfig resNext101() {
        return resNet101().withGroups(32, 8);
    }

    /** The same with other groups; {@code withGroups(1, 128)} makes a network twice as wide inside. */
    public ResNetConfig withGroups(int newGroups, int newGroupWidth) {
        return new ResNetConfig(
                kind, depths, stemWidth, widths, newGroups, newGroupWidth, stem, layout, normEps, zeroLastNorm);
    }

    /** The same with other numbers of blocks and channels, for small networks; the number of stages is free. */
    public ResNetConfig withSizes(List<Integer> newDepths, int newStemWidth, List<Integer> newWidths) {
        return new ResNetConfig(
                kind, newDepths, newStemWidth, newWidths, groups, groupWidth, stem, layout, normEps, zeroLastNorm);
    }

    /** The same with another stem. */
    public ResNetConfig withStem(Stem newStem) {
        return new ResNetConfig(
                kind, depths, stemWidth, widths, groups, groupWidth, newStem, layout, normEps, zeroLastNorm);
    }

    /** The same with another layout. */
    public ResNetConfig withLayout(Layout newLayout) {
        return new ResNetConfig(
                kind, depths, stemWidth, widths, groups, groupWidth, stem, newLayout, normEps, zeroLastNorm);
    }

    /** The same with another eps of the norms. */
    public ResNetConfig withNormEps(double newNormEps) {
        return new ResNetConfig(
                kind, depths, stemWidth, widths, groups, groupWidth, stem, layout, newNormEps, zeroLastNorm);
    }

    /** The same with another start of random networks. */
    public ResNetConfig withZeroLastNorm(boolean newZeroLastNorm) {
        return new ResNetConfig(
                kind, depths, stemWidth, widths, groups, groupWidth, stem, layout, normEps, newZeroLastNorm);
    }

    /** Number of stages. */
    public int stages() {
        return depths.size();
    }

    /** Number of blocks of all stages. */
    public int blocks() {
        return stageEnd(stages());
    }

    /**
     * Index of the state behind a stage: a tap "after stage k" is {@code stageEnd(k)}.
     *
     * @param stage from 1 to the number of stages; 0 is the stem
     */
    public int stageEnd(int stage) {
        Check.argument(stage >= 0 && stage <= stages(), "stage must be from 0 to %s, but is %s", stages(), stage);
        return depths.subList(0, stage).stream().mapToInt(Integer::intValue).sum();
    }

    /** The taps of the paper's image tower, with one late block: the end of each stage, and of the last one its last but one. */
    public List<Integer> stageTaps() {
        List<Integer> taps = new ArrayList<>();
        for (int stage = 1; stage < stages(); stage++) {
            taps.add(stageEnd(stage));
        }
        int guide = blocks() - 1;
        if (taps.isEmpty() || taps.get(taps.size() - 1) < guide) {
            taps.add(guide);
        }
        return List.copyOf(taps);
    }

    /** Channels of a stage's result; the stem's for stage 0. */
    public int channels(int stage) {
        return stage == 0 ? stemWidth : widths.get(stage - 1) * kind.expansion();
    }

    /** Channels inside of a stage's blocks. */
    int innerChannels(int stage) {
        return widths.get(stage - 1) * groupWidth / PLAIN_GROUP * groups;
    }

    /** The stage that a block belongs to, blocks counted from 0 through all stages. */
    int stageOf(int block) {
        int stage = 1;
        while (stageEnd(stage) <= block) {
            stage++;
        }
        return stage;
    }
}
