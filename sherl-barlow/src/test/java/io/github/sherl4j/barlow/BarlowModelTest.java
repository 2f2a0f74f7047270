package io.github.sherl4j.barlow;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.barlow.view.TwoViews;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.MemoryMeter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class BarlowModelTest {
    private static final LossOptions OPTIONS = LossOptions.defaults().withLambda(0.2);

    private static TwoViews views(DataType type, int batch) {
        INDArray first = TestArrays.normal(type, 11, batch, 4, 4, 3);
        INDArray second = TestArrays.normal(type, 12, batch, 4, 4, 3);
        return new TwoViews(first, second);
    }

    /** Relu has kinks at 0, so the norms' shifts are moved away from it. */
    private static void moveShifts(BarlowModel model) {
        for (Parameter parameter : model.parameters().parameters()) {
            if (!parameter.decays()) {
                double[] numbers = TestArrays.normal((int) parameter.value().length(), 4);
                TestArrays.set(parameter.value(), TestArrays.each(numbers, x -> 0.5 * x + 0.7));
            }
        }
    }

    @Test
    void theGradientOfTheWholeIsThatOfCentralDifferences() {
        TwoViews views = views(DataType.DOUBLE, 5);
        try (BarlowModel model = SmallNets.model(DataType.DOUBLE, OPTIONS, 0)) {
            moveShifts(model);
            model.accumulate(views, 1, 0);
            Map<Parameter, INDArray> gradients = new LinkedHashMap<>();
            model.parameters()
                    .parameters()
                    .forEach(p -> gradients.put(p, p.gradient().dup()));
            gradients.forEach((parameter, gradient) -> {
                assertThat(Arrays.stream(numbers(gradient)).anyMatch(number -> number != 0))
                        .as(parameter.name())
                        .isTrue();
                CentralDifferences.check(
                        parameter.name(), parameter.value(), gradient, () -> model.accumulate(views, 1, 0));
            });
        }
    }

    @Test
    void aWeightScalesTheGradientAndNotTheLoss() {
        TwoViews views = views(DataType.DOUBLE, 5);
        try (BarlowModel model = SmallNets.model(DataType.DOUBLE, OPTIONS, 0)) {
            double loss = model.accumulate(views, 1, 0);
            double[] once = numbers(model.parameters().groups().get(0).gradients());
            double again = model.accumulate(views, 0.5, 0);

            assertThat(again).isEqualTo(loss);
            double[] oneAndAHalf = numbers(model.parameters().groups().get(0).gradients());
            assertThat(TestArrays.difference(TestArrays.each(once, x -> 1.5 * x), oneAndAHalf))
                    .isLessThan(1e-12);
        }
    }

    /** With the same pictures in every part, batch statistics of parts are those of the batch, and so is everything. */
    @Test
    void partsOfOneKindGiveTheStepOfTheWholeBatch() {
        TwoViews half = views(DataType.DOUBLE, 4);
        TwoViews views = new TwoViews(twice(half.first()), twice(half.second()));
        try (BarlowModel whole = SmallNets.model(DataType.DOUBLE, OPTIONS, 0);
                BarlowModel parts = SmallNets.model(DataType.DOUBLE, OPTIONS, 4)) {
            double expected = whole.accumulate(views, 1, 0);
            double found = parts.accumulate(views, 1, 0);

            assertThat(found).isCloseTo(expected, within(1e-10));
            assertThat(parts.lastLoss().diagonal()).isCloseTo(whole.lastLoss().diagonal(), within(1e-10));
            for (int group = 0; group < 2; group++) {
                double[] a = numbers(whole.parameters().groups().get(group).gradients());
                double[] b = numbers(parts.parameters().groups().get(group).gradients());
                assertThat(TestArrays.difference(a, b)).isLessThan(1e-9);
            }
        }
    }

    private static INDArray twice(INDArray half) {
        double[] numbers = numbers(half);
        double[] twice = new double[2 * numbers.length];
        System.arraycopy(numbers, 0, twice, 0, numbers.length);
        System.arraycopy(numbers, 0, twice, numbers.length, numbers.length);
        return TestArrays.of(half.dataType(), twice, 2 * half.size(0), half.size(1), half.size(2), half.size(3));
    }

    /** Parts that differ: the loss's gradient with respect to the weights, each part's batch statistics its own. */
    @Test
    void theGradientInPartsIsThatOfCentralDifferences() {
        TwoViews views = views(DataType.DOUBLE, 7);
        try (BarlowModel model = SmallNets.model(DataType.DOUBLE, OPTIONS, 3)) {
            moveShifts(model);
            model.accumulate(views, 1, 0);
            List<Parameter> all = model.parameters().parameters();
            Map<Parameter, INDArray> gradients = new LinkedHashMap<>();
            for (Parameter parameter : List.of(all.get(1), all.get(all.size() - 1))) {
                gradients.put(parameter, parameter.gradient().dup());
            }
            gradients.forEach((parameter, gradient) -> CentralDifferences.check(
                    parameter.name(), parameter.value(), gradient, () -> model.accumulate(views, 1, 0)));
        }
    }

    @Test
    void runningStatisticsMoveByTheFirstViewThenByTheSecondAndOnceOnlyInParts() {
        TwoViews views = views(DataType.DOUBLE, 6);
        TwoViews firstTwice = new TwoViews(views.first(), views.first());
        try (BarlowModel model = SmallNets.model(DataType.DOUBLE, OPTIONS, 0);
                BarlowModel byFirst = SmallNets.model(DataType.DOUBLE, OPTIONS, 0);
                BarlowModel inParts = SmallNets.model(DataType.DOUBLE, OPTIONS, 3);
                BarlowModel byParts = SmallNets.model(DataType.DOUBLE, OPTIONS, 0)) {
            model.accumulate(views, 1, 0);
            byFirst.accumulate(firstTwice, 1, 0);
            inParts.accumulate(views, 1, 0);
            // The stem's means: r1 = 0.1 m1, r2 = 0.9 r1 + 0.1 m2; twice by the first view 0.19 m1.
            double[] both = numbers(model.buffers().get(0).value());
            double[] m1 = TestArrays.each(numbers(byFirst.buffers().get(0).value()), x -> x / 0.19);
            TwoViews secondTwice = new TwoViews(views.second(), views.second());
            try (BarlowModel bySecond = SmallNets.model(DataType.DOUBLE, OPTIONS, 0)) {
                bySecond.accumulate(secondTwice, 1, 0);
                double[] m2 = TestArrays.each(numbers(bySecond.buffers().get(0).value()), x -> x / 0.19);
                double[] expected = new double[both.length];
                for (int i = 0; i < both.length; i++) {
                    expected[i] = 0.09 * m1[i] + 0.1 * m2[i];
                }
                assertThat(TestArrays.difference(both, expected)).isLessThan(1e-12);
            }
            // Parts move them once each, as if they were batches, though they go through the networks twice.
            for (int from : new int[] {0, 3}) {
                byParts.accumulate(new TwoViews(rows(views.first(), from), rows(views.second(), from)), 1, 0);
            }
            for (int i = 0; i < byParts.buffers().size(); i++) {
                assertThat(numbers(inParts.buffers().get(i).value()))
                        .isEqualTo(numbers(byParts.buffers().get(i).value()));
            }
        }
    }

    private static INDArray rows(INDArray views, int from) {
        int length = 3 * 4 * 4 * 3;
        double[] numbers = numbers(views);
        return TestArrays.of(views.dataType(), Arrays.copyOfRange(numbers, from * 48, from * 48 + length), 3, 4, 4, 3);
    }

    @Test
    void aWarmStepMakesNothingNative() {
        TwoViews views = views(DataType.FLOAT, 6);
        for (int part : new int[] {0, 3}) {
            try (BarlowModel model = SmallNets.model(DataType.FLOAT, OPTIONS, part)) {
                model.accumulate(views, 1, 0);
                model.accumulate(views, 1, 0);
                model.accumulate(views, 1, 0);
                long bytes = MemoryMeter.nativeBytes();
                assertThat(NativeBytes.created(() -> model.accumulate(views, 1, 0)))
                        .as("part %s", part)
                        .isZero();
                assertThat(MemoryMeter.nativeBytes()).isLessThanOrEqualTo(bytes);
            }
        }
    }

    @Test
    void closingFreesEverything() throws InterruptedException {
        TwoViews views = views(DataType.FLOAT, 6);
        long before = NativeBytes.settled();
        try (BarlowModel model = SmallNets.model(DataType.FLOAT, OPTIONS, 3)) {
            model.accumulate(views, 1, 0);
        }
        assertThat(NativeBytes.settled()).isLessThanOrEqualTo(before);
    }

    @Test
    void anEmbeddingThatIsNotFiniteGivesNaNAndNoGradient() {
        TwoViews views = views(DataType.DOUBLE, 5);
        TestArrays.set(views.second(), 17, Double.NaN);
        for (int part : new int[] {0, 3}) {
            try (BarlowModel model = SmallNets.model(DataType.DOUBLE, OPTIONS, part)) {
                assertThat(model.accumulate(views, 1, 0)).isNaN();
                model.parameters()
                        .groups()
                        .forEach(group -> assertThat(numbers(group.gradients())).containsOnly(0));
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        INDArray one = TestArrays.normal(DataType.FLOAT, 1, 1, 4, 4, 3);
        INDArray two = TestArrays.normal(DataType.FLOAT, 1, 2, 4, 4, 3);
        assertRefused(() -> new TwoViews(one, one), "first must have at least 2 pictures, but has 1");
        assertRefused(() -> new TwoViews(two, one), "second must have shape [2, 4, 4, 3], but has [1, 4, 4, 3]");
        assertRefused(
                () -> SmallNets.model(DataType.FLOAT, OPTIONS, 2),
                "part must be at least 3 pictures, or 0 for whole batches, but is 2");
        assertRefused(
                () -> BarlowModel.of(
                        ResNetBackbone.random(SmallNets.TINY, DataType.FLOAT, 1), List.of(), OPTIONS, 0, 1),
                "widths must be at least 2, but are 1");
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
