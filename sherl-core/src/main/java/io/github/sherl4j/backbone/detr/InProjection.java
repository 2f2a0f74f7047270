package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.weights.WeightReport;
import io.github.sherl4j.weights.WeightSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * PyTorch's attention has its three projections below each other in one tensor {@code in_proj_weight} and one {@code in_proj_bias};
 * here they are parameters of their own, {@code q_proj}, {@code k_proj} and {@code v_proj}.
 */
final class InProjection {
    private static final List<String> PARTS = List.of("q_proj.", "k_proj.", "v_proj.");

    private InProjection() {}

    /** Reads parameters of given shapes, in which names stand in the file as a function says. */
    static NamedParameters read(
            Map<String, long[]> shapes,
            UnaryOperator<String> inFile,
            WeightSource source,
            DataType type,
            Predicate<String> mayBeLeftOver) {
        Map<String, long[]> expected = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            long[] stored = shape.clone();
            if (part(name) >= 0) {
                stored[0] = 3 * shape[0];
            }
            expected.put(inFile.apply(joint(name)), stored);
        });
        WeightReport.compare(expected, source, mayBeLeftOver).requireComplete();
        return NamedParameters.make(shapes, (name, shape) -> {
            INDArray stored = source.read(inFile.apply(joint(name)), type);
            int part = part(name);
            if (part < 0) {
                return stored;
            }
            try (stored) {
                return stored.get(NDArrayIndex.interval(part * shape[0], (part + 1) * shape[0]))
                        .dup('c');
            }
        });
    }

    /** The tensors of a file by their names in it; joined ones are new arrays. */
    static Map<String, INDArray> stored(Map<String, INDArray> values) {
        Map<String, INDArray> stored = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            int part = part(name);
            if (part < 0) {
                stored.put(name, value);
            } else if (part == 0) {
                INDArray[] thirds = PARTS.stream()
                        .map(own -> values.get(name.replace(PARTS.get(0), own)))
                        .toArray(INDArray[]::new);
                stored.put(joint(name), Nd4j.concat(0, thirds));
            }
        });
        return stored;
    }

    private static int part(String name) {
        for (int i = 0; i < PARTS.size(); i++) {
            if (name.contains(PARTS.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private static String joint(String name) {
        String joint = name;
        for (String part : PARTS) {
            joint = joint.replace(part, "in_proj_");
        }
        return joint;
    }
}
