package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.evaluation.classification.Evaluation;

class MacroF1Test {
    @Test
    void averagesBothOfTwoClasses() {
        // 6 of 8 hams and 1 of 2 spams are found: F1 = 12 / (12 + 2 + 1) and 2 / (2 + 2 + 1).
        Evaluation evaluation = evaluation(List.of("ham", "spam"), new int[][] {{6, 2}, {1, 1}});

        assertThat(MacroF1.of(evaluation)).isCloseTo((0.8 + 0.4) / 2, within(1e-12));
        assertThat(evaluation.f1()).as("ND4J's own, of class 1 alone").isCloseTo(0.4, within(1e-12));
    }

    @Test
    void averagesThreeClasses() {
        // F1 = 2 * 3 / (4 + 4), 2 * 2 / (4 + 3), 2 * 1 / (2 + 3).
        Evaluation evaluation = evaluation(List.of("a", "b", "c"), new int[][] {{3, 1, 0}, {0, 2, 2}, {1, 0, 1}});

        assertThat(MacroF1.of(evaluation)).isCloseTo((6 / 8.0 + 4 / 7.0 + 2 / 5.0) / 3, within(1e-12));
    }

    @Test
    void countsClassThatIsNeverFoundAsZero() {
        Evaluation evaluation = evaluation(List.of("ham", "spam"), new int[][] {{3, 0}, {1, 0}});

        assertThat(MacroF1.of(evaluation)).isCloseTo(6 / 7.0 / 2, within(1e-12));
    }

    @Test
    void leavesOutClassThatDoesNotOccur() {
        Evaluation evaluation = evaluation(List.of("a", "b", "c"), new int[][] {{2, 0, 0}, {0, 1, 0}, {0, 0, 0}});

        assertThat(MacroF1.of(evaluation)).isEqualTo(1);
    }

    /** So many examples of class [actual] that were taken for class [predicted]. */
    private static Evaluation evaluation(List<String> labels, int[][] counts) {
        Evaluation evaluation = new Evaluation(labels);
        for (int actual = 0; actual < counts.length; actual++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                for (int i = 0; i < counts[actual][predicted]; i++) {
                    evaluation.eval(predicted, actual);
                }
            }
        }
        return evaluation;
    }
}
