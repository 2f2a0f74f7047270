package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.layer.Parameter;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/** Very small towers with weights that make every part count, and batches. */
public final class TinyClip {
    public static final int WIDTH = 4;
    public static final int IMAGE = 4;
    public static final int END = 19;

    private TinyClip() {}

    public static ClipImageConfig imageConfig(int layers) {
        return new ClipImageConfig(IMAGE, 2, 3, WIDTH, layers, 2, 6, 3, Activation.QUICK_GELU, 1e-5);
    }

    public static ClipTextConfig textConfig(int layers) {
        return new ClipTextConfig(END + 1, 8, WIDTH, layers, 2, 6, 3, Activation.QUICK_GELU, 1e-5);
    }

    public static ClipImageBackbone image(DataType type, int layers) {
        ClipImageBackbone clip = ClipImageBackbone.random(imageConfig(layers), type, 1);
        redraw(clip.parameters());
        return clip;
    }

    public static ClipTextBackbone text(DataType type, int layers) {
        ClipTextBackbone clip = ClipTextBackbone.random(textConfig(layers), null, type, 1);
        redraw(clip.parameters());
        return clip;
    }

    /** Other numbers for each parameter, those of norms around one. */
    public static void redraw(List<Parameter> parameters) {
        int draw = 0;
        for (Parameter parameter : parameters) {
            double[] numbers = TestArrays.normal((int) parameter.value().length(), ++draw);
            boolean scale = parameter.name().matches(".*(norm|layrnorm|layernorm_before|layernorm_after)\\d?\\.weight");
            TestArrays.set(parameter.value(), TestArrays.each(numbers, x -> scale ? 1 + 0.3 * x : 0.7 * x));
        }
    }

    public static ImageBatch pictures(DataType type) {
        return ImageBatch.of(TestArrays.normal(type, 3, 2, IMAGE, IMAGE, 3), new int[0]);
    }

    /** Texts of different lengths; the longer one has its end token twice. */
    public static TokenBatch texts() {
        return TokenBatch.of(List.of(text(18, 5, 7, END), text(18, 7, 0, 5, END, END)), new int[0]);
    }

    public static TokenizedText text(int... ids) {
        return new TokenizedText(ids, new int[ids.length]);
    }
}
