package io.github.sherl4j.backbone.clipvil;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.FeatureRows;
import io.github.sherl4j.data.QuestionBatch;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.layer.Parameter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/** Very small joint transformers with weights that make every part count, and a batch of two questions. */
public final class TinyClipVil {
    public static final int FEATURE = 3;

    private TinyClipVil() {}

    public static ClipVilConfig config(int layers) {
        return new ClipVilConfig(48, 12, 2, TinyBert.WIDTH, layers, 2, 6, FEATURE, 1e-5);
    }

    public static ClipVilBackbone of(DataType type, int layers) {
        return of(type, layers, null);
    }

    public static ClipVilBackbone of(DataType type, int layers, @Nullable TextTokenizer tokenizer) {
        ClipVilBackbone network = ClipVilBackbone.random(config(layers), tokenizer, type, 1);
        int draw = 0;
        for (Parameter parameter : network.parameters()) {
            double[] numbers = TestArrays.normal((int) parameter.value().length(), ++draw);
            boolean scale = parameter.name().endsWith("orm.weight");
            TestArrays.set(parameter.value(), TestArrays.each(numbers, x -> scale ? 1 + 0.3 * x : 0.7 * x));
        }
        return network;
    }

    /** A question of five tokens with two features and one of seven with three. */
    public static QuestionBatch batch() {
        return batch(new float[][] {{1, 0.3f, 0}, {0, 0, 0.6f}});
    }

    public static QuestionBatch batch(float[][] scores) {
        return QuestionBatch.of(
                List.of(TinyBert.text(2, 5, 6, 5, 3), TinyBert.pair()), List.of(rows(2, 1), rows(3, 2)), scores);
    }

    public static FeatureRows rows(int rows, long seed) {
        double[] numbers = TestArrays.normal(rows * FEATURE, seed);
        float[] values = new float[numbers.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) numbers[i];
        }
        return new FeatureRows(FEATURE, values);
    }
}
