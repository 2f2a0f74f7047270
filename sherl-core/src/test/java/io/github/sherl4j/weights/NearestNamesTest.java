package io.github.sherl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNamesTest {

    @ParameterizedTest
    @CsvSource({
        "kitten,sitting,3",
        "'','',0",
        "'',abc,3",
        "abc,'',3",
        "abc,abc,0",
        "abc,xabc,1",
        "abcd,acbd,2",
        "flaw,lawn,2"
    })
    void countsEdits(String a, String b, int expected) {
        assertThat(NearestNames.distance(a, b, 10)).isEqualTo(expected);
        assertThat(NearestNames.distance(b, a, expected)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"kitten,sitting,2", "abcdef,uvwxyz,3", "a,aaaaaaaa,3"})
    void stopsAboveLimit(String a, String b, int limit) {
        assertThat(NearestNames.distance(a, b, limit)).isGreaterThan(limit);
    }

    @Test
    void offersThreeNearestFirstAndNoneThatIsFarAway() {
        List<String> names = List.of("layer.12.weight", "layer.2.bias", "layer.1.weights", "layer.1.weigh", "pooler");
        assertThat(NearestNames.of("layer.1.weight", names))
                .containsExactly("layer.1.weigh", "layer.1.weights", "layer.12.weight");
        assertThat(NearestNames.of("layer.1.weight", List.of("pooler"))).isEmpty();
    }
}
