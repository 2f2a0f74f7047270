package io.github.sherl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class WeightReportTest {

    /** Names and shapes without values: a report reads none. */
    private record Shapes(Map<String, long[]> shapes) implements WeightSource {

        @Override
        public String origin() {
            return "model.bin";
        }

        @Override
        public Set<String> names() {
            return shapes.keySet();
        }

        @Override
        public long[] shape(String name) {
            return shapes.get(name);
        }

        @Override
        public DataType type(String name) {
            return DataType.FLOAT;
        }

        @Override
        public INDArray read(String name, DataType as) {
            throw new AssertionError("a report reads nothing");
        }

        @Override
        public void close() {
            throw new AssertionError("a report closes nothing");
        }
    }

    private static Map<String, long[]> shapes(Object... namesAndShapes) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (int i = 0; i < namesAndShapes.length; i += 2) {
            shapes.put((String) namesAndShapes[i], (long[]) namesAndShapes[i + 1]);
        }
        return shapes;
    }

    private static WeightReport report(Map<String, long[]> expected, Map<String, long[]> held) {
        return WeightReport.compare(expected, new Shapes(held), name -> name.endsWith(".position_ids"));
    }

    @Test
    void listsAllProblems() {
        WeightReport report = report(
                shapes(
                        "layer.query.weight", new long[] {2, 2},
                        "layer.norm.weight", new long[] {2},
                        "layer.ff.weight", new long[] {4, 2},
                        "pooler", new long[] {}),
                shapes(
                        "layer.query.weight", new long[] {2, 2},
                        "layer.norm.gamma", new long[] {2},
                        "layer.ff.weight", new long[] {2, 4},
                        "embeddings.position_ids", new long[] {1, 8}));

        assertThat(report)
                .isEqualTo(new WeightReport(
                        "model.bin",
                        1,
                        List.of(
                                new WeightReport.Missing("layer.norm.weight", List.of(2L), List.of("layer.norm.gamma")),
                                new WeightReport.Missing("pooler", List.of(), List.of())),
                        List.of(new WeightReport.Misshaped("layer.ff.weight", List.of(4L, 2L), List.of(2L, 4L))),
                        List.of("layer.norm.gamma")));
        assertThat(report.isComplete()).isFalse();
        assertThatThrownBy(report::requireComplete)
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .isEqualToNormalizingNewlines("""
                    model.bin: does not fit the model: 1 tensors fit, 2 are missing, 1 are of another shape
                      missing 'layer.norm.weight' [2]; nearest: 'layer.norm.gamma'
                      missing 'pooler' []
                      'layer.ff.weight': expected shape [4, 2], got [2, 4]\
                    """);
    }

    @Test
    void toleratesLeftOverNames() {
        Map<String, long[]> held = shapes("w", new long[] {2}, "v", new long[] {3}, "x.position_ids", new long[] {1});
        WeightReport report = report(shapes("w", new long[] {2}), held);
        assertThat(report.leftOver()).containsExactly("v");
        assertThat(report.isComplete()).isTrue();
        assertThatCode(report::requireComplete).doesNotThrowAnyException();
    }

    @Test
    void tellsWhatAFileHoldsInWhichNothingFits() {
        Map<String, long[]> held = new LinkedHashMap<>();
        for (int i = 0; i < 12; i++) {
            held.put("conv" + i, new long[] {1});
        }
        assertThatThrownBy(report(shapes("encoder.weight", new long[] {2}), held)::requireComplete)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("missing 'encoder.weight' [2]")
                .hasMessageEndingWith("nothing fits; the file holds: conv0, conv1, conv2, conv3, conv4, conv5, conv6, "
                        + "conv7, conv8, conv9, and 2 more");
    }

    @Test
    void nothingWantedFitsAnEmptyFileOnly() {
        assertThat(report(shapes(), shapes()).isComplete()).isTrue();
        assertThatThrownBy(report(shapes(), shapes("w", new long[] {2}))::requireComplete)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("nothing fits; the file holds: w");
    }
}
