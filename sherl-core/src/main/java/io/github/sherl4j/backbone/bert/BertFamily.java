package io.github.sherl4j.backbone.bert;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * BERT and its relatives that differ from it in names, positions and segments only.
 *
 * <p>RoBERTa and DistilBERT are checked by construction only: no numbers computed by other programs stand behind them, but a
 * BERT's weights under their names give that BERT's states.
 */
public enum BertFamily {
    /** BERT (Devlin et al. 2019). */
    BERT(0, true),

    /**
     * RoBERTa (Liu et al. 2019): positions start behind that of its padding token, whose id is 1. A text's tokens are counted
     * from there; padding, whatever its id, comes behind them, and the mask hides it.
     */
    ROBERTA(2, true),

    /** DistilBERT (Sanh et al. 2019), whose segments are not told apart. */
    DISTILBERT(0, false);

    private static final Map<String, String> DISTIL_NAMES = Map.ofEntries(
            Map.entry("encoder.layer.", "transformer.layer."),
            Map.entry("attention.self.query.", "attention.q_lin."),
            Map.entry("attention.self.key.", "attention.k_lin."),
            Map.entry("attention.self.value.", "attention.v_lin."),
            Map.entry("attention.output.dense.", "attention.out_lin."),
            Map.entry("attention.output.LayerNorm.", "sa_layer_norm."),
            Map.entry("intermediate.dense.", "ffn.lin1."));

    private final int firstPosition;
    private final boolean hasTypes;

    BertFamily(int firstPosition, boolean hasTypes) {
        this.firstPosition = firstPosition;
        this.hasTypes = hasTypes;
    }

    /** The family's name as the {@code model_type} of files. */
    String modelType() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What names may start with. */
    String prefix() {
        return modelType() + ".";
    }

    /** The position of a text's first token. */
    int firstPosition() {
        return firstPosition;
    }

    /** Whether segments are told apart. */
    boolean hasTypes() {
        return hasTypes;
    }

    /** Whether a tensor is no part of the encoder, but of a language model head or another one. */
    boolean isOfHead(String name) {
        List<String> beginnings = switch (this) {
            case BERT -> List.of("cls.", "classifier.");
            case ROBERTA -> List.of("lm_head.", "classifier.");
            case DISTILBERT -> List.of("vocab_", "pre_classifier.", "classifier.", "qa_outputs.");
        };
        return beginnings.stream().anyMatch(name::startsWith);
    }

    /** The name in files, without prefix, of a tensor that has a BERT's name. */
    String stored(String name) {
        if (this != DISTILBERT) {
            return name;
        }
        String stored = name;
        for (Map.Entry<String, String> entry : DISTIL_NAMES.entrySet()) {
            stored = stored.replace(entry.getKey(), entry.getValue());
        }
        return stored.startsWith("transformer.")
                ? stored.replace(".output.dense.", ".ffn.lin2.").replace(".output.LayerNorm.", ".output_layer_norm.")
                : stored;
    }
}
