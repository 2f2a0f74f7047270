package io.github.sherl4j.backbone.detr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SinePositionsTest {
    @Test
    void areSinesAndCosinesOfTheShareOfTheWayDownThenAcross() {
        double[] positions = SinePositions.of(2, 3, 2, 3, 8);
        assertThat(positions).hasSize(2 * 3 * 8);
        double down = 2 * Math.PI * 2 / (2 + 1e-6); // row 1 of 2
        double across = 2 * Math.PI * 1 / (3 + 1e-6); // column 0 of 3
        int start = (1 * 3 + 0) * 8;
        double[] expected = {
            Math.sin(down), Math.cos(down), Math.sin(down / 100), Math.cos(down / 100),
            Math.sin(across), Math.cos(across), Math.sin(across / 100), Math.cos(across / 100)
        };
        for (int i = 0; i < 8; i++) {
            assertThat(positions[start + i]).isCloseTo(expected[i], within(1e-12));
        }
    }

    @Test
    void sharesAreThoseOfTheRealCells() {
        double[] padded = SinePositions.of(4, 4, 2, 3, 8);
        double[] whole = SinePositions.of(2, 3, 2, 3, 8);
        for (int row = 0; row < 2; row++) {
            for (int column = 0; column < 3; column++) {
                for (int i = 0; i < 8; i++) {
                    assertThat(padded[(row * 4 + column) * 8 + i]).isEqualTo(whole[(row * 3 + column) * 8 + i]);
                }
            }
        }
    }
}
