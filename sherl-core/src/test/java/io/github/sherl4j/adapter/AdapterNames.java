package io.github.sherl4j.adapter;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The reference implementation's names of the adapter's parameters and buffers. */
public final class AdapterNames {
    private static final Pattern NAME = Pattern.compile(
            "adapter\\.(?:(reduction)\\.(\\d+)\\.)?(.+?)(?:\\.(weight|bias|running_mean|running_var))?");

    /** Ours to theirs; a star stands for the index of a reduction. */
    private static final Map<String, String> COMMON = Map.of(
            "attention", "guide_block.fc_attn",
            "mlp.inner", "guide_block.mlp.0",
            "mlp.outer", "guide_block.mlp.2",
            "mlp.norm", "guide_block.mlp.3",
            "gate", "gate_params");

    private static final Map<String, String> VSE_TEXT = Map.of(
            "*.linear", "hor_block.*.fc.0",
            "*.norm", "hor_block.*.fc.1",
            "expansion.linear", "fc_out.1",
            "expansion.norm", "fc_out.2");

    private static final Map<String, String> MDETR = Map.of(
            "*.linear", "hor_block.*.fc",
            "*.norm", "hor_block.*.norm",
            "expansion.linear", "fc_out",
            "expansion.norm", "norm_out");

    private static final Map<String, String> GATED = Map.of(
            "*.linear", "hor_block.*.fc1",
            "*.outer", "hor_block.*.fc2",
            "*.gate", "hor_block.*.fc3",
            "expansion.linear", "fc_out");

    private static final Map<String, String> POOLED = Map.of(
            "*.linear", "hor_block.*.conv.0",
            "*.norm", "hor_block.*.conv.1",
            "expansion.linear", "conv_out.0",
            "expansion.norm", "conv_out.1");

    private static final Map<String, String> SPATIAL = Map.of(
            "*.linear", "hor_block.*.fc",
            "*.attention", "guide_block.spatial_attn.*",
            "guide", "hor_block_last.fc",
            "layer_gates", "guide_block.gate_parameters",
            "attention", "guide_block.layer_attn",
            "expansion.linear", "fc_out");

    private AdapterNames() {}

    /** The name in the text adapter of the image-text retrieval. */
    public static String reference(String name) {
        return reference(AdapterOptions.vseText(1), name);
    }

    /** The name in the variant that the options choose. */
    public static String reference(AdapterOptions options, String name) {
        Map<String, String> own = switch (options.reduction()) {
            case LINEAR_NORM -> options.aggregateMlp() ? MDETR : VSE_TEXT;
            case GATED -> GATED;
            case POOLED -> POOLED;
            case SPATIAL -> SPATIAL;
        };
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(name);
        }
        String key = (matcher.group(1) == null ? "" : "*.") + matcher.group(3);
        String theirs = own.getOrDefault(key, COMMON.get(key));
        if (theirs == null) {
            throw new IllegalArgumentException(name);
        }
        String index = matcher.group(2) == null ? "" : matcher.group(2);
        return theirs.replace("*", index) + (matcher.group(4) == null ? "" : "." + matcher.group(4));
    }
}
