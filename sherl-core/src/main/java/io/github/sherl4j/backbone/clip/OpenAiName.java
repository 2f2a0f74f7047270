package io.github.sherl4j.backbone.clip;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where a tensor of a Hugging Face name stands in a checkpoint of OpenAI's names. There the three projections into attention lie
 * below each other in one tensor, and the projection of the feature is transposed.
 *
 * @param stored the name in the file
 * @param part 0, 1 or 2 for the query's, key's or value's third of the tensor's rows; -1 for all of it
 * @param transposed whether rows and columns change places
 */
record OpenAiName(String stored, int part, boolean transposed) {
    private static final int ALL = -1;

    /** The beginnings of names, longer ones first. */
    private static final Map<String, String> BEGINNINGS = new LinkedHashMap<>();

    private static final Map<String, String> IN_BLOCKS = Map.of(
            "layer_norm1.", "ln_1.",
            "layer_norm2.", "ln_2.",
            "self_attn.out_proj.", "attn.out_proj.",
            "mlp.fc1.", "mlp.c_fc.",
            "mlp.fc2.", "mlp.c_proj.");

    static {
        BEGINNINGS.put("vision_model.embeddings.class_embedding", "visual.class_embedding");
        BEGINNINGS.put("vision_model.embeddings.patch_embedding.", "visual.conv1.");
        BEGINNINGS.put("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding");
        BEGINNINGS.put("vision_model.pre_layrnorm.", "visual.ln_pre.");
        BEGINNINGS.put("vision_model.encoder.layers.", "visual.transformer.resblocks.");
        BEGINNINGS.put("vision_model.post_layernorm.", "visual.ln_post.");
        BEGINNINGS.put("visual_projection.weight", "visual.proj");
        BEGINNINGS.put("text_model.embeddings.token_embedding.", "token_embedding.");
        BEGINNINGS.put("text_model.embeddings.position_embedding.weight", "positional_embedding");
        BEGINNINGS.put("text_model.encoder.layers.", "transformer.resblocks.");
        BEGINNINGS.put("text_model.final_layer_norm.", "ln_final.");
        BEGINNINGS.put("text_projection.weight", "text_projection");
    }

    static OpenAiName of(String name) {
        String beginning = BEGINNINGS.keySet().stream()
                .filter(name::startsWith)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no OpenAI name for " + name));
        String stored = BEGINNINGS.get(beginning) + name.substring(beginning.length());
        for (Map.Entry<String, String> entry : IN_BLOCKS.entrySet()) {
            stored = stored.replace(entry.getKey(), entry.getValue());
        }
        int part = ALL;
        for (String projection : new String[] {"q", "k", "v"}) {
            String own = "self_attn." + projection + "_proj.";
            if (stored.contains(own)) {
                part = "qkv".indexOf(projection);
                stored = stored.replace(own, "attn.in_proj_");
            }
        }
        return new OpenAiName(stored, part, name.endsWith("projection.weight"));
    }

    /** The shape in the file of a tensor that is wanted in another. */
    long[] storedShape(long... wanted) {
        long[] shape = wanted.clone();
        if (transposed) {
            shape[0] = wanted[1];
            shape[1] = wanted[0];
        } else if (part != ALL) {
            shape[0] = 3 * wanted[0];
        }
        return shape;
    }

    /**
     * The wanted tensor.
     *
     * @param tensor that of the file, closed unless it is the result
     * @return in C order, owned by the caller
     */
    INDArray take(INDArray tensor) {
        if (!transposed && part == ALL) {
            return tensor;
        }
        try (tensor) {
            if (transposed) {
                return tensor.transpose().dup('c');
            }
            long rows = tensor.size(0) / 3;
            return tensor.get(NDArrayIndex.interval(part * rows, (part + 1) * rows))
                    .dup('c');
        }
    }
}
