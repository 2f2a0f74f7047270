package io.github.sherl4j.barlow;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.NativeArrays;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Encoder (a linear layer), projector and loss on two views: loss, all gradients, and running statistics after the step. */
class ProjectorGoldenTest {
    private static final String PROJECTOR = "bt.projector.";
    private static final double EPS = 1e-5;

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void aStepIsTheReferences(DataType type) {
        try (Golden golden = new Golden("barlow_projector", type);
                Memory memory = new Memory(type);
                BarlowTwinsLoss loss =
                        new BarlowTwinsLoss(LossOptions.defaults().withLambda(golden.real("lambd")))) {
            Linear encoder = new Linear(weight(golden, "enc.weight"), null);
            Projector projector = projector(golden);
            List<Parameter> parameters = Stream.concat(encoder.parameters().stream(), projector.parameters().stream())
                    .toList();
            BatchNorm last = norm(golden, "bt.bn", false);
            INDArray y1 = golden.array("input.y1");
            INDArray y2 = golden.array("input.y2");
            double cotangent = golden.array("cotangent").getDouble(0);
            Context context = Context.of(memory);
            try (ParameterGroups groups = new ParameterGroups(parameters)) {
                View view1 = new View(encoder, projector, y1, context);
                View view2 = new View(encoder, projector, y2, context);
                LossResult result = loss.of(view1.embedding, view2.embedding);
                last.forward(view1.embedding, context, view1.embedding.dup());
                last.forward(view2.embedding, context, view2.embedding.dup());

                INDArray gradient1 = view1.backward(result.gradient1().muli(cotangent));
                golden.check("grad.input.y1", gradient1);
                golden.check("grad.input.y2", view2.backward(result.gradient2().muli(cotangent)));
                golden.check("output", Nd4j.scalar(result.value()));
                for (Parameter parameter : groups.parameters()) {
                    golden.check("grad.param." + parameter.name(), parameter.gradient());
                }
                for (Parameter buffer : projector.buffers()) {
                    golden.check("buffer." + buffer.name(), buffer.value());
                }
                for (Parameter buffer : last.buffers()) {
                    golden.check("buffer." + buffer.name(), buffer.value());
                }
                assertThat(projector.buffers()).hasSizeGreaterThan(1);
            }
        }
    }

    /** One view's way through the network. */
    private static final class View {
        final LayerStep encoder;
        final LayerStep projector;
        final INDArray embedding;

        View(Linear encoder, Projector projector, INDArray input, Context context) {
            Memory memory = context.memory();
            INDArray representation = memory.step().array(encoder.outputShape(input.shape()));
            this.encoder = encoder.forward(input, context, representation);
            this.embedding = memory.step().array(projector.outputShape(representation.shape()));
            this.projector = projector.forward(representation, context, embedding);
        }

        INDArray backward(INDArray gradient) {
            return encoder.backward(projector.backward(gradient));
        }
    }

    private static Projector projector(Golden golden) {
        List<Linear> linears = new ArrayList<>();
        List<BatchNorm> norms = new ArrayList<>();
        for (int number = 0; golden.has("param." + PROJECTOR + number + ".weight"); number += 3) {
            linears.add(new Linear(weight(golden, PROJECTOR + number + ".weight"), null));
            if (golden.has("param." + PROJECTOR + (number + 1) + ".weight")) {
                norms.add(norm(golden, PROJECTOR + (number + 1), true));
            }
        }
        return new Projector(linears, norms);
    }

    /** In the state before the step, which is that of a new norm. */
    private static BatchNorm norm(Golden golden, String name, boolean affine) {
        long[] shape = golden.array("buffer." + name + ".running_mean").shape();
        BatchNorm norm = new BatchNorm(
                affine ? vector(golden, name + ".weight") : null,
                affine ? vector(golden, name + ".bias") : null,
                Parameter.unregularized(name + ".running_mean", Nd4j.create(golden.type(), shape)),
                Parameter.unregularized(name + ".running_var", NativeArrays.filled(golden.type(), 1, shape)),
                EPS);
        norm.statistics(BatchNorm.Statistics.BATCH);
        return norm;
    }

    private static Parameter weight(Golden golden, String name) {
        return Parameter.weight(name, golden.array("param." + name));
    }

    private static Parameter vector(Golden golden, String name) {
        return Parameter.unregularized(name, golden.array("param." + name));
    }
}
