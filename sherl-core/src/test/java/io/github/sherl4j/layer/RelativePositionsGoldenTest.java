package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class RelativePositionsGoldenTest {
    @Test
    void bucketsAreThoseOfTheReference() {
        try (Golden golden = new Golden("t5_buckets", DataType.DOUBLE)) {
            int[] distances = golden.integers("relative_position");
            int tables = 0;
            for (String name : golden.names()) {
                String[] parts = name.split("\\.", -1);
                if (parts.length == 3) {
                    int[] expected = golden.integers(name);
                    int[] found = new int[distances.length];
                    for (int i = 0; i < found.length; i++) {
                        found[i] = RelativePositions.bucket(
                                distances[i],
                                parts[0].equals("both"),
                                Integer.parseInt(parts[1]),
                                Integer.parseInt(parts[2]));
                    }
                    assertThat(found).as(name).isEqualTo(expected);
                    tables++;
                }
            }
            assertThat(tables).isPositive();
        }
    }
}
