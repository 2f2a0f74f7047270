package io.github.sherl4j.backbone.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.nd.Memory;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class SameDiffBackboneTest {
    /** Two inputs, a skip past the cut, and two ways from the cut to the output. */
    private static SameDiff graph() {
        SameDiff graph = SameDiff.create();
        SDVariable x = graph.placeHolder("x", DataType.DOUBLE, -1, 4);
        SDVariable extra = graph.placeHolder("extra", DataType.DOUBLE, -1, 5);
        SDVariable first = graph.math.tanh("first", x.mmul(weight(graph, "w1", 1, 4, 5)));
        SDVariable cut = graph.nn.relu("cut", first.add(extra), 0);
        SDVariable wide = graph.nn.softmax("soft", cut.mmul(weight(graph, "w2", 2, 5, 6)), 1);
        SDVariable norm =
                graph.nn.layerNorm("norm", wide, weight(graph, "gain", 3, 6), weight(graph, "bias", 4, 6), false, 1);
        SDVariable back = norm.mmul(weight(graph, "w3", 5, 6, 5));
        back.mul(first).add("out", cut);
        return graph;
    }

    private static SDVariable weight(SameDiff graph, String name, long seed, long... shape) {
        return graph.var(name, TestArrays.normal(DataType.DOUBLE, seed, shape));
    }

    @Test
    void gradientsGoBackToTheCutAndNoFurther() {
        SameDiff graph = graph();
        INDArray x = TestArrays.normal(DataType.DOUBLE, 11, 3, 4);
        INDArray extra = TestArrays.normal(DataType.DOUBLE, 12, 3, 5);
        INDArray expected =
                graph.output(Map.of("x", x, "extra", extra), "out").get("out").dup();
        int operations = graph.getOps().size();
        try (GraphBackbone backbone = GraphBackbone.of(
                        graph, GraphCut.at("cut").tapping("x", "first").upTo("out"));
                Memory memory = new Memory(DataType.DOUBLE)) {
            assertThat(backbone.inputs()).containsExactly("x", "extra");
            GraphBackbone.Early early = backbone.early(memory, GraphBatch.of(x, extra));
            INDArray adapted = early.states().get(2);
            GraphBackbone.Late late = backbone.forward(early, adapted);
            assertThat(TestArrays.difference(TestArrays.numbers(late.output()), TestArrays.numbers(expected)))
                    .isLessThan(1e-12);
            assertThat(TestArrays.numbers(early.states().get(0))).isEqualTo(TestArrays.numbers(x));
            double[] cotangent = TestArrays.normal((int) late.output().length(), 13);
            INDArray gradient = TestArrays.blank(DataType.DOUBLE, adapted.shape());
            INDArray moved = adapted.add(0.01);
            backbone.forward(early, moved)
                    .backward(
                            TestArrays.of(
                                    DataType.DOUBLE, cotangent, late.output().shape()),
                            gradient);
            CentralDifferences.check(
                    "cut",
                    moved,
                    gradient,
                    () -> CentralDifferences.weightedSum(
                            backbone.forward(early, moved).output(), cotangent));
        }
        assertThat(graph.getOps()).hasSize(operations);
        assertThat(graph.hasGradientFunction()).isFalse();
    }

    @Test
    void operationsWithWrongGradientsAreRefusedByName() {
        SameDiff graph = SameDiff.create();
        SDVariable x = graph.placeHolder("x", DataType.DOUBLE, -1, 4);
        SDVariable cut = graph.math.tanh("cut", x);
        graph.cumsum("running", cut, false, false, 1).add("out", 1.0);
        assertThatThrownBy(() -> GraphBackbone.of(graph, GraphCut.at("cut").upTo("out")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(cumsum): its gradient is wrong in this version of ND4J");
        assertThat(GraphBackbone.of(graph, GraphCut.at("running").upTo("out")).names())
                .containsExactly("running");
    }

    @Test
    void namesAreChecked() {
        assertThatThrownBy(() -> GraphBackbone.of(graph(), GraphCut.at("cut")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("output must be named");
        assertThatThrownBy(() -> GraphBackbone.of(graph(), GraphCut.at("middle").upTo("out")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tap or cut must be a variable of the graph, but it has none named middle");
    }
}
