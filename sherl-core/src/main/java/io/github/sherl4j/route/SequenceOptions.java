package io.github.sherl4j.route;

import io.github.sherl4j.backbone.SequenceNetwork;
import io.github.sherl4j.data.SequenceData;
import io.github.sherl4j.nd.Check;

/**
 * How long texts may be, in tokens, special ones included.
 *
 * @param maxSourceTokens longer texts are cut
 * @param maxTargetTokens longer targets are refused, and predictions end there
 */
public record SequenceOptions(int maxSourceTokens, int maxTargetTokens) {
    /** Checks the numbers. */
    public SequenceOptions {
        Check.argument(maxSourceTokens > 1, "maxSourceTokens must be more than 1, but is %s", maxSourceTokens);
        Check.argument(maxTargetTokens > 1, "maxTargetTokens must be more than 1, but is %s", maxTargetTokens);
    }

    /** Texts of at most 128 tokens, targets of at most 32. */
    public static SequenceOptions defaults() {
        return new SequenceOptions(128, 32);
    }

    /** The same with another longest text. */
    public SequenceOptions withMaxSourceTokens(int newMaxSourceTokens) {
        return new SequenceOptions(newMaxSourceTokens, maxTargetTokens);
    }

    /** The same with another longest target. */
    public SequenceOptions withMaxTargetTokens(int newMaxTargetTokens) {
        return new SequenceOptions(maxSourceTokens, newMaxTargetTokens);
    }

    void requireFits(SequenceNetwork network) {
        int most = network.maxTokens();
        Check.argument(
                maxSourceTokens <= most,
                "maxSourceTokens must be at most %s, the longest that this network's encoder takes, but is %s",
                most,
                maxSourceTokens);
        Check.argument(
                maxTargetTokens <= most,
                "maxTargetTokens must be at most %s, the longest that this network's decoder takes, but is %s",
                most,
                maxTargetTokens);
    }

    SequenceData.Limits limits(SequenceNetwork network) {
        return new SequenceData.Limits(maxSourceTokens, maxTargetTokens, network.startToken(), network.endToken());
    }
}
