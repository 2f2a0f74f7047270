package io.github.sherl4j.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class FingerprintTest {
    private static final double[] NUMBERS = {1, 2, 3, 4, 5, 6};

    @Test
    void isEqualForEqualNetworksAlone() {
        String expected = of("sizes", "w", NUMBERS, 2, 3);

        assertThat(expected).matches("[0-9a-f]{64}");
        assertThat(of("sizes", "w", NUMBERS, 2, 3)).isEqualTo(expected);
        assertThat(of("other", "w", NUMBERS, 2, 3)).isNotEqualTo(expected);
        assertThat(of("sizes", "v", NUMBERS, 2, 3)).isNotEqualTo(expected);
        assertThat(of("sizes", "w", NUMBERS, 3, 2)).isNotEqualTo(expected);
        assertThat(of("sizes", "w", new double[] {1, 2, 3, 4, 5, 6.001}, 2, 3)).isNotEqualTo(expected);
        assertThat(of("sizes", "w", new double[] {1.001, 2, 3, 4, 5, 6}, 2, 3)).isNotEqualTo(expected);
    }

    @Test
    void isThatOfTheSinglePrecisionCheckpointInDoublePrecisionToo() {
        Parameter floats = Parameter.weight("w", TestArrays.of(DataType.FLOAT, NUMBERS, 6));
        Parameter doubles = Parameter.weight("w", TestArrays.of(DataType.DOUBLE, NUMBERS, 6));
        assertThat(Fingerprint.of("s", List.of(floats))).isEqualTo(Fingerprint.of("s", List.of(doubles)));
    }

    @Test
    void aSampleOfALargeTensorSeesTraining() {
        double[] numbers = TestArrays.normal(10_000, 1);
        String before = of("sizes", "w", numbers, 100, 100);
        assertThat(of("sizes", "w", TestArrays.each(numbers, x -> x * 1.0001), 100, 100))
                .isNotEqualTo(before);
    }

    private static String of(String description, String name, double[] numbers, long... shape) {
        Parameter parameter = Parameter.weight(name, TestArrays.of(DataType.FLOAT, numbers, shape));
        return Fingerprint.of(description, List.of(parameter));
    }
}
