package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.Golden;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** CLIP's towers and batches from golden files. */
public final class ClipGolden {
    private ClipGolden() {}

    public static ClipImageBackbone image(Golden golden) {
        int width = golden.number("width");
        int hidden = rows(golden, "param.visual.transformer.resblocks.0.mlp.c_fc.bias");
        ClipImageConfig config = new ClipImageConfig(
                golden.number("image"),
                golden.number("patch"),
                3,
                width,
                golden.number("layers"),
                golden.number("heads"),
                hidden,
                golden.number("embed"),
                Activation.QUICK_GELU,
                golden.real("layer_norm_eps"));
        return ClipImageBackbone.load(config, golden.below("param."), golden.type());
    }

    public static ClipTextBackbone text(Golden golden) {
        int hidden = rows(golden, "param.transformer.resblocks.0.mlp.c_fc.bias");
        ClipTextConfig config = new ClipTextConfig(
                golden.number("vocab"),
                golden.number("context"),
                golden.number("width"),
                golden.number("layers"),
                golden.number("heads"),
                hidden,
                golden.number("embed"),
                Activation.QUICK_GELU,
                golden.real("layer_norm_eps"));
        return ClipTextBackbone.load(config, golden.below("param."), null, golden.type());
    }

    /** Frames [batch * frames, channels, height, width] of the file as pictures with channels last. */
    public static ImageBatch pictures(Golden golden) {
        try (INDArray video = golden.array("input.video")) {
            return ImageBatch.of(video.permute(0, 2, 3, 1).dup('c'), new int[0]);
        }
    }

    /**
     * Compares a state [batch, tokens, width] with the file's, which may have more tokens if no text is of full length: those
     * are behind all texts.
     */
    public static void check(Golden golden, String tensor, INDArray state) {
        try (INDArray whole = golden.array(tensor)) {
            whole.get(NDArrayIndex.all(), NDArrayIndex.interval(0, state.size(1)), NDArrayIndex.all())
                    .assign(state);
            golden.check(tensor, whole);
        }
    }

    /** The file's texts, without the zeros that fill them up. */
    public static TokenBatch texts(Golden golden) {
        int[] ids = golden.integers("input.input_ids");
        int length = ids.length / golden.number("batch");
        List<TokenizedText> texts = new ArrayList<>();
        for (int start = 0; start < ids.length; start += length) {
            int end = start + length;
            while (ids[end - 1] == 0) {
                end--;
            }
            texts.add(new TokenizedText(Arrays.copyOfRange(ids, start, end), new int[end - start]));
        }
        return TokenBatch.of(texts, new int[0]);
    }

    private static int rows(Golden golden, String tensor) {
        try (INDArray array = golden.array(tensor)) {
            return (int) array.size(0);
        }
    }
}
