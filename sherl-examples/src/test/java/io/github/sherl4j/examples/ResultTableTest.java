package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ResultTableTest {
    @Test
    void alignsColumns() {
        String table = ResultTable.of(List.of(
                new MethodResult(Method.HEAD, 0.95, 0.9, 770, 77_000, 0.25, 47.27, OptionalDouble.empty(), 3),
                new MethodResult(
                        Method.FULL, 1, 0.98765, 22_566_146, 22_566_146, 1.5, 865.7, OptionalDouble.of(900), 10)));

        assertThat(table.lines())
                .containsExactly(
                        "method  accuracy  macro F1   trainable     share  epochs  s/step  peak MB  resident MB",
                        "head      0.9500    0.9000         770    1.000%       3   0.250     47.3            -",
                        "full      1.0000    0.9877  22,566,146  100.000%      10   1.500    865.7        900.0");
    }
}
