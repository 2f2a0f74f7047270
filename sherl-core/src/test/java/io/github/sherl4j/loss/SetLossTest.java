package io.github.sherl4j.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SetLossTest {
    private static final double STEP = 1e-6;
    private static final SetLoss.Weights OTHERS = new SetLoss.Weights(0.5, 0.7, 3, 0.25);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theAssignmentIsTheBestOfAll(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 40; round++) {
            int rows = 1 + random.nextInt(5);
            int columns = rows + random.nextInt(3);
            double[][] costs = new double[rows][columns];
            for (double[] row : costs) {
                Arrays.setAll(row, i -> random.nextInt(3) == 0 ? random.nextInt(3) : random.nextDouble() * 4 - 2);
            }
            int[] found = Assignment.of(costs);
            assertThat(found).doesNotHaveDuplicates();
            double sum = 0;
            for (int i = 0; i < rows; i++) {
                sum += costs[i][found[i]];
            }
            assertThat(sum).isCloseTo(best(costs, 0, new boolean[columns]), within(1e-12));
        }
    }

    /** All assignments, one by one. */
    private static double best(double[][] costs, int row, boolean[] taken) {
        if (row == costs.length) {
            return 0;
        }
        double best = Double.POSITIVE_INFINITY;
        for (int column = 0; column < taken.length; column++) {
            if (!taken[column]) {
                taken[column] = true;
                best = Math.min(best, costs[row][column] + best(costs, row + 1, taken));
                taken[column] = false;
            }
        }
        return best;
    }

    @Test
    void assignmentsOfNoRowsAreEmptyAndMalformedCostsRefused() {
        assertThat(Assignment.of(new double[0][])).isEmpty();
        assertThatThrownBy(() -> Assignment.of(new double[][] {{1}, {2}}))
                .hasMessage("costs must have no more rows than columns, but have 2 and 1");
        assertThatThrownBy(() -> Assignment.of(new double[][] {{1, Double.NaN}}))
                .hasMessage("costs must be rows of 2 finite numbers, but one is [1.0, NaN]");
    }

    @Test
    void overlapsOfHandWorkedBoxes() {
        double[] left = {0.25, 0.5, 0.5, 1};
        double[] right = {0.75, 0.5, 0.5, 1};
        double[] middle = {0.5, 0.5, 0.5, 1};
        double[] corner = {0.125, 0.125, 0.25, 0.25};
        assertThat(BoxOverlap.iou(left, left)).isEqualTo(1);
        assertThat(BoxOverlap.generalized(left, left)).isEqualTo(1);
        assertThat(BoxOverlap.iou(left, right)).isZero();
        assertThat(BoxOverlap.generalized(left, right)).isZero(); // the hull is their union
        assertThat(BoxOverlap.iou(left, middle)).isCloseTo(1.0 / 3, within(1e-12));
        assertThat(BoxOverlap.generalized(left, middle)).isCloseTo(1.0 / 3, within(1e-12));
        double[] far = {0.875, 0.875, 0.25, 0.25};
        assertThat(BoxOverlap.generalized(corner, far)).isCloseTo(-(1 - 2 * 0.0625), within(1e-12));
        double[] square = {0.25, 0.25, 0.5, 0.5};
        double[] flat = {0.5, 0.375, 0.5, 0.25}; // a quarter of the square, 1/16 of 5/16 together, in a hull of 6/16
        assertThat(BoxOverlap.iou(square, flat)).isCloseTo(0.2, within(1e-12));
        assertThat(BoxOverlap.iou(flat, square)).isCloseTo(0.2, within(1e-12));
        assertThat(BoxOverlap.generalized(square, flat)).isCloseTo(0.2 - 1.0 / 6, within(1e-12));
        double[] point = {0.25, 0.25, 0, 0};
        assertThat(BoxOverlap.iou(point, point)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theGradientOfTheOverlapIsThatOfCentralDifferences(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 50; round++) {
            double[] a = box(random);
            double[] b = box(random);
            double[] gradient = new double[4];
            BoxOverlap.generalized(a, b, gradient, 1);
            check(a, gradient, () -> BoxOverlap.generalized(a, b), 1e-6);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 5})
    void gradientsAreThoseOfCentralDifferences(int count) {
        SplittableRandom random = new SplittableRandom(count + 20);
        double[][] logits = new double[5][7];
        double[][] boxes = new double[5][];
        for (int i = 0; i < 5; i++) {
            Arrays.setAll(logits[i], c -> 2 * random.nextDouble() - 1);
            boxes[i] = box(random);
        }
        List<SetLoss.Target> targets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            targets.add(new SetLoss.Target(box(random), i % 2 == 0 ? new int[] {i} : new int[] {i, i + 1}));
        }
        for (SetLoss.Weights weights : List.of(SetLoss.Weights.published(), OTHERS)) {
            SetLoss.Result result = SetLoss.of(logits, boxes, targets, weights, 0.5);
            assertThat(result.matched()).hasSize(count).doesNotHaveDuplicates();
            assertThat(result.value())
                    .isCloseTo(slow(logits, boxes, targets, result.matched(), weights) / 2, within(1e-12));
            DoubleSupplier function =
                    () -> SetLoss.of(logits, boxes, targets, weights, 0.5).value();
            for (int i = 0; i < 5; i++) {
                check(logits[i], result.logits()[i], function, 1e-6);
                check(boxes[i], result.boxes()[i], function, 1e-6);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void noOtherMatchCostsLess(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 20; round++) {
            double[][] logits = new double[5][7];
            double[][] boxes = new double[5][];
            for (int i = 0; i < 5; i++) {
                Arrays.setAll(logits[i], c -> 4 * random.nextDouble() - 2);
                boxes[i] = box(random);
            }
            List<SetLoss.Target> targets = List.of(
                    new SetLoss.Target(box(random), new int[] {0}),
                    new SetLoss.Target(box(random), new int[] {1, 2, 3}),
                    new SetLoss.Target(box(random), new int[] {4, 5}));
            for (SetLoss.Weights weights : List.of(SetLoss.Weights.published(), OTHERS)) {
                double[][] costs = new double[3][5];
                for (int t = 0; t < 3; t++) {
                    for (int i = 0; i < 5; i++) {
                        costs[t][i] = cost(logits[i], boxes[i], targets.get(t), weights);
                    }
                }
                int[] matched = SetLoss.of(logits, boxes, targets, weights, 1).matched();
                double sum = costs[0][matched[0]] + costs[1][matched[1]] + costs[2][matched[2]];
                assertThat(sum).isCloseTo(best(costs, 0, new boolean[5]), within(1e-12));
            }
        }
    }

    private static double cost(double[] logits, double[] box, SetLoss.Target target, SetLoss.Weights weights) {
        double cost = -weights.giou() * BoxOverlap.generalized(box, target.box());
        for (int k = 0; k < 4; k++) {
            cost += weights.l1() * Math.abs(box[k] - target.box()[k]);
        }
        for (int token : target.tokens()) {
            cost -= weights.tokens() * softmax(logits, token) / target.tokens().length;
        }
        return cost;
    }

    /** The formula, written down once more. */
    private static double slow(
            double[][] logits, double[][] boxes, List<SetLoss.Target> targets, int[] matched, SetLoss.Weights weights) {
        double loss = 0;
        boolean[] taken = new boolean[logits.length];
        for (int t = 0; t < matched.length; t++) {
            double[] box = boxes[matched[t]];
            double[] wanted = targets.get(t).box();
            taken[matched[t]] = true;
            for (int k = 0; k < 4; k++) {
                loss += weights.l1() * Math.abs(box[k] - wanted[k]);
            }
            loss += weights.giou() * (1 - BoxOverlap.generalized(box, wanted));
            for (int token : targets.get(t).tokens()) {
                loss -= weights.tokens()
                        * Math.log(softmax(logits[matched[t]], token))
                        / targets.get(t).tokens().length;
            }
        }
        for (int i = 0; i < logits.length; i++) {
            double ofNoObject = weights.tokens() * weights.noObject();
            loss -= taken[i] ? 0 : ofNoObject * Math.log(softmax(logits[i], logits[i].length - 1));
        }
        return loss;
    }

    private static double softmax(double[] logits, int place) {
        return Math.exp(logits[place]) / Arrays.stream(logits).map(Math::exp).sum();
    }

    @Test
    void eachTargetGetsThePredictionThatSaysTheSame() {
        double[][] logits = {{0, 0, 9}, {9, 0, 0}, {0, 9, 0}};
        double[][] boxes = {{0.5, 0.5, 0.2, 0.2}, {0.2, 0.2, 0.2, 0.2}, {0.8, 0.8, 0.2, 0.2}};
        List<SetLoss.Target> targets = List.of(
                new SetLoss.Target(new double[] {0.8, 0.8, 0.2, 0.2}, new int[] {1}),
                new SetLoss.Target(new double[] {0.2, 0.2, 0.2, 0.2}, new int[] {0}));
        SetLoss.Result result = SetLoss.of(logits, boxes, targets, SetLoss.Weights.published(), 1);
        assertThat(result.matched()).containsExactly(2, 1);
        assertThat(result.value()).isBetween(0.0, 0.01);
    }

    @Test
    void refusesMorePhrasesThanQueriesAndTokensThatAreNotThere() {
        SetLoss.Target target = new SetLoss.Target(new double[] {0.5, 0.5, 0.1, 0.1}, new int[] {0});
        double[][] logits = {{0, 0}};
        double[][] boxes = {{0.5, 0.5, 0.1, 0.1}};
        assertThatThrownBy(() -> SetLoss.of(logits, boxes, List.of(target, target), SetLoss.Weights.published(), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a picture must have no more phrases than the network has queries, 1, but has 2");
        SetLoss.Target outside = new SetLoss.Target(new double[] {0.5, 0.5, 0.1, 0.1}, new int[] {1});
        assertThatThrownBy(() -> SetLoss.of(logits, boxes, List.of(outside), SetLoss.Weights.published(), 1))
                .hasMessage("tokens must be places from 0 to 0, but one is 1");
        assertThatThrownBy(() -> new SetLoss.Target(new double[3], new int[] {0}))
                .hasMessage("a target's box must be 4 numbers, but is 3");
        assertThatThrownBy(() -> new SetLoss.Target(new double[4], new int[0]))
                .hasMessage("a target must have tokens of its phrase, but has none");
    }

    private static double[] box(SplittableRandom random) {
        double width = 0.1 + 0.4 * random.nextDouble();
        double height = 0.1 + 0.4 * random.nextDouble();
        return new double[] {
            width / 2 + (1 - width) * random.nextDouble(),
            height / 2 + (1 - height) * random.nextDouble(),
            width,
            height
        };
    }

    private static void check(double[] variable, double[] gradient, DoubleSupplier function, double error) {
        double largest = 1;
        for (int i = 0; i < variable.length; i++) {
            double value = variable[i];
            variable[i] = value + STEP;
            double above = function.getAsDouble();
            variable[i] = value - STEP;
            double below = function.getAsDouble();
            variable[i] = value;
            largest = Math.max(largest, Math.abs(gradient[i]));
            assertThat(gradient[i]).isCloseTo((above - below) / (2 * STEP), within(error * largest * 10));
        }
    }
}
