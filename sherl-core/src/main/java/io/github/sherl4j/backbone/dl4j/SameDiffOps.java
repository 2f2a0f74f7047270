package io.github.sherl4j.backbone.dl4j;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.functions.DifferentialFunction;

/** SameDiff operations that cannot stand behind a cut in this version of ND4J. */
final class SameDiffOps {
    private static final String WRONG = "its gradient is wrong in this version of ND4J";
    private static final String THROWS = "its backward pass fails in this version of ND4J";

    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("cumsum", WRONG),
            Map.entry("sparse_softmax_cross_entropy_loss_with_logits", WRONG),
            Map.entry("precise_gelu", WRONG),
            Map.entry("multi_head_dot_product_attention", WRONG),
            Map.entry("gather", THROWS),
            Map.entry("tensordot", THROWS),
            Map.entry("reduce_logsumexp", THROWS),
            Map.entry("batchnorm", THROWS),
            Map.entry("log_softmax", THROWS),
            Map.entry("softmax_cross_entropy_loss", THROWS),
            Map.entry("mean_sqerr_loss", THROWS));

    private SameDiffOps() {}

    /** Why no gradient can be sent through an operation, or null if it can. */
    static @Nullable String refusal(DifferentialFunction operation) {
        String name = operation.opName();
        if (name.equals("var")
                && Boolean.FALSE.equals(operation.propertiesForFunction().get("biasCorrected"))) {
            return WRONG;
        }
        return REFUSED.get(name);
    }
}
