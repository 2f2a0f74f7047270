package io.github.sherl4j.backbone.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResNetConfigTest {
    private static final long CLASSIFIER = 1000;

    /** A preset, and the number of parameters that its authors state, classifier included. */
    static Stream<Object[]> presets() {
        return Stream.of(
                new Object[] {ResNetConfig.resNet18(), 11_689_512},
                new Object[] {ResNetConfig.resNet34(), 21_797_672},
                new Object[] {ResNetConfig.resNet50(), 25_557_032},
                new Object[] {ResNetConfig.resNet101(), 44_549_160},
                new Object[] {ResNetConfig.resNet152(), 60_192_808},
                new Object[] {ResNetConfig.resNext50(), 25_028_904},
                new Object[] {ResNetConfig.resNext101(), 88_791_336},
                new Object[] {ResNetConfig.resNext101().withGroups(32, 16), 194_026_792},
                new Object[] {ResNetConfig.resNet50().withGroups(1, 128), 68_883_240});
    }

    @ParameterizedTest
    @MethodSource("presets")
    void presetsHaveThePublishedNumberOfParameters(ResNetConfig config, long published) {
        long count = ConvSpec.all(config).stream()
                .mapToLong(spec -> Arrays.stream(spec.weightShape()).reduce(1, (a, b) -> a * b) + 2L * spec.out())
                .sum();
        long width = config.channels(config.stages());
        assertThat(count + (width + 1) * CLASSIFIER).isEqualTo(published);
    }

    @Test
    void knowsItsStates() {
        ResNetConfig config = ResNetConfig.resNext101();
        assertThat(config.blocks()).isEqualTo(33);
        assertThat(config.stageEnd(0)).isZero();
        assertThat(config.stageEnd(1)).isEqualTo(3);
        assertThat(config.stageEnd(4)).isEqualTo(33);
        assertThat(config.stageTaps()).containsExactly(3, 7, 30, 32);
        assertThat(config.channels(0)).isEqualTo(64);
        assertThat(config.channels(4)).isEqualTo(2048);
        assertThat(TinyResNet.basic(2, 1).stageTaps()).containsExactly(2);
        assertThat(TinyResNet.basic(3).stageTaps()).containsExactly(2);
        assertRefused("stage must be from 0 to 4, but is 5", () -> config.stageEnd(5));
    }

    @Test
    void nameOfStrideAndLayoutStandInTheConvolutions() {
        ConvSpec.Block plain = ConvSpec.blocks(ResNetConfig.resNet50()).get(3);
        ConvSpec.Block caffe = ConvSpec.blocks(ResNetConfig.resNet50().withLayout(ResNetConfig.Layout.CAFFE))
                .get(3);
        assertThat(plain.main()).extracting(ConvSpec::stride).containsExactly(1, 2, 1);
        assertThat(caffe.main()).extracting(ConvSpec::stride).containsExactly(2, 1, 1);
        assertThat(plain.all())
                .extracting(ConvSpec::weightName)
                .containsExactly(
                        "layer2.0.conv1.weight",
                        "layer2.0.conv2.weight",
                        "layer2.0.conv3.weight",
                        "layer2.0.downsample.0.weight");
        assertThat(plain.all())
                .extracting(ConvSpec::varianceName)
                .containsExactly(
                        "layer2.0.bn1.running_var",
                        "layer2.0.bn2.running_var",
                        "layer2.0.bn3.running_var",
                        "layer2.0.downsample.1.running_var");
        assertThat(ConvSpec.stem(ResNetConfig.resNet18().withStem(ResNetConfig.Stem.SMALL)))
                .isEqualTo(new ConvSpec("conv1", "bn1", 64, 3, 3, 1, 1));
    }

    @Test
    void refusesSizesThatMakeNoNetwork() {
        ResNetConfig bottleneck = ResNetConfig.resNet50();
        ResNetConfig basic = ResNetConfig.resNet18();
        assertRefused(
                "depths must be those of at least one stage, but are none",
                () -> basic.withSizes(List.of(), 4, List.of()));
        assertRefused(
                "widths must be one for each of the stages of depths [1, 2], but are [8]",
                () -> basic.withSizes(List.of(1, 2), 4, List.of(8)));
        assertRefused("depths must be positive, but are [0]", () -> basic.withSizes(List.of(0), 4, List.of(8)));
        assertRefused("widths must be positive, but are [-1]", () -> basic.withSizes(List.of(1), 4, List.of(-1)));
        assertRefused("stemWidth must be positive, but is 0", () -> basic.withSizes(List.of(1), 0, List.of(8)));
        assertRefused("groups must be positive, but is 0", () -> bottleneck.withGroups(0, 4));
        assertRefused("groupWidth must be positive, but is 0", () -> bottleneck.withGroups(4, 0));
        assertRefused(
                "groups of basic blocks must be 1 of width 64, but are 2 of width 4", () -> basic.withGroups(2, 4));
        assertRefused(
                "groupWidth 4 leaves no channel to the groups of a stage of width 8",
                () -> bottleneck.withGroups(32, 4).withSizes(List.of(1), 4, List.of(8)));
        assertRefused("normEps must be positive, but is 0.0", () -> basic.withNormEps(0));
    }

    private static void assertRefused(String message, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
