package io.github.sherl4j.nd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HostFloatsTest {

    @Test
    void piecesOfSeveralThreadsStandWhereTheyWerePut() {
        try (HostFloats floats = new HostFloats(64, 2, 3)) {
            for (int round = 0; round < 2; round++) {
                int base = 1000 * round;
                IntStream.range(0, 64).parallel().forEach(row -> {
                    float[] values = new float[6];
                    for (int i = 0; i < 6; i++) {
                        values[i] = base + row * 6 + i;
                    }
                    floats.put(row * 6, values);
                });
                assertThat(floats.array().shape()).containsExactly(64, 2, 3);
                assertThat(floats.array().getFloat(0, 0, 0)).isEqualTo(base);
                assertThat(floats.array().getFloat(63, 1, 2)).isEqualTo(base + 383f);
                assertThat(floats.array().sumNumber().doubleValue()).isEqualTo(384.0 * base + 383 * 384 / 2.0);
            }
            assertThatThrownBy(() -> floats.put(380, new float[6])).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void countsItsBytesAndGivesThemBack() {
        long before = MemoryMeter.nativeBytes();
        HostFloats floats = new HostFloats(10, 10);
        assertThat(MemoryMeter.nativeBytes() - before).isEqualTo(400);
        floats.close();
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
    }

    @Test
    void refusesShapesThatCannotBe() {
        assertThatThrownBy(() -> new HostFloats(2, 0)).hasMessage("shape must be positive, but is [2, 0]");
        assertThatThrownBy(() -> new HostFloats(1 << 20, 1 << 10))
                .hasMessage("shape must have less than 2 GiB of floats, but is [1048576, 1024]");
    }
}
