package io.github.sherl4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VqaAccuracyTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0.3", "2, 0.6", "3, 0.9", "4, 1", "10, 1"})
    void scoresOfTenPeopleAreTheOfficialOnes(int same, double score) {
        List<String> people = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            people.add(i < same ? "yes" : "no " + i);
        }
        assertThat(VqaAccuracy.score("yes", people)).isCloseTo(score, Offset.offset(1e-12));
        assertThat(VqaAccuracy.score("yes", people)).isCloseTo(slow("yes", people), Offset.offset(1e-12));
    }

    @Test
    void twoPeopleAreEnough() {
        assertThat(VqaAccuracy.score("a", List.of("a", "a"))).isEqualTo(1 / 3.0);
        assertThat(VqaAccuracy.score("a", List.of("a", "b"))).isEqualTo(0.5 / 3.0);
    }

    /** The definition: leave each one out, and count among the others. */
    private static double slow(String answer, List<String> people) {
        double sum = 0;
        for (int left = 0; left < people.size(); left++) {
            int same = 0;
            for (int other = 0; other < people.size(); other++) {
                same += other != left && people.get(other).equals(answer) ? 1 : 0;
            }
            sum += Math.min(same / 3.0, 1);
        }
        return sum / people.size();
    }

    @Test
    void averagesQuestions() {
        assertThat(VqaAccuracy.mean(new double[] {1, 0, 0.3, 0.3})).isCloseTo(0.4, Offset.offset(1e-12));
    }

    @Test
    void refusesWhatIsNoScore() {
        assertThatThrownBy(() -> VqaAccuracy.mean(new double[0]))
                .hasMessage("scores must be at least one, but are none");
        assertThatThrownBy(() -> VqaAccuracy.mean(new double[] {0, 1.5}))
                .hasMessage("scores must be from 0 to 1, but entry 1 is 1.5");
        assertThatThrownBy(() -> VqaAccuracy.score("a", List.of("a")))
                .hasMessage("people must be at least 2, but are 1");
    }
}
