package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Initialization;
import io.github.sherl4j.nd.Check;

/**
 * What tells the published variants of the adapter apart.
 *
 * @param width length h of a reduced state
 * @param reduction from a tapped state to its reduced state
 * @param layerGates whether a sigmoid gate for each layer weighs the base token; with {@link Reduction#SPATIAL} only
 * @param aggregateMlp whether the sum of the weighted states goes through {@code norm(outer(relu(inner(x))))}, 2h wide
 *     inside, before the guide is added
 * @param expansion from the consolidated state to the network's width
 * @param skip how the guide, as it was before its reduction, is added at the end
 * @param initialization how the linear layers start
 * @param reductionEps eps of the norms of the reductions and of the MLP
 * @param expansionEps eps of the norm of the expansion
 * @param normEps added to the sums that the L1 and L2 norms divide by
 * @param gateTemperature the gates are {@code tanh(parameter / temperature)} and {@code sigmoid(parameter / temperature)}
 * @param dropout rate of dropout behind the expansion, in training
 */
public record AdapterOptions(
        int width,
        Reduction reduction,
        boolean layerGates,
        boolean aggregateMlp,
        Expansion expansion,
        Skip skip,
        Initialization initialization,
        double reductionEps,
        double expansionEps,
        double normEps,
        double gateTemperature,
        double dropout) {
    private static final double GATE_TEMPERATURE = 0.1;

    /** From a tapped state f to its reduced state. */
    public enum Reduction {
        /** {@code norm(linear(f))} for each token. */
        LINEAR_NORM,
        /** {@code (outer(y) + y) * sigmoid(gate(y))} with {@code y = relu(linear(f))}, for each token. */
        GATED,
        /** {@code batch_norm(linear(max_pool(f) + average_pool(f)))} for each of the guide's pixels. */
        POOLED,
        /** {@code linear(relu(f))}, then a sum of all tokens weighed by the guide, which comes from outside, plus the base token. */
        SPATIAL
    }

    /** From the consolidated state y to the network's width. */
    public enum Expansion {
        /** {@code linear(relu(y))}. */
        LINEAR,
        /** {@code norm(linear(relu(y)))}. */
        LINEAR_NORM,
        /** {@code relu(batch_norm(linear(y)))}. */
        BATCH_NORM_RELU
    }

    /** How the guide is added at the end. */
    public enum Skip {
        /** Times {@code tanh(gate / temperature)}, one trained number, which starts closed. */
        GATE,
        /** As it is. */
        PLAIN
    }

    /** Checks the numbers. */
    public AdapterOptions {
        Check.argument(width > 0, "width must be positive, but is %s", width);
        Check.argument(
                !layerGates || reduction == Reduction.SPATIAL,
                "layerGates need the reduction SPATIAL, but it is %s",
                reduction);
        Check.argument(reductionEps > 0, "reductionEps must be positive, but is %s", reductionEps);
        Check.argument(expansionEps > 0, "expansionEps must be positive, but is %s", expansionEps);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
        Check.argument(gateTemperature > 0, "gateTemperature must be positive, but is %s", gateTemperature);
        Check.argument(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), but is %s", dropout);
    }

    /**
     * The adapter of the paper's image-text retrieval on its text side: linear reductions with layer norm, tanh gate,
     * dropout 0.1. Published with a reduced width of 512.
     */
    public static AdapterOptions vseText(int width) {
        return plain(width, Reduction.LINEAR_NORM, Expansion.LINEAR_NORM, Initialization.FRAMEWORK)
                .withEps(1e-5, 1e-12, 1e-8)
                .withDropout(0.1);
    }

    /** That of image-text retrieval on its image side: pooled pictures, batch norms. Published with a reduced width of 512. */
    public static AdapterOptions vseImage(int width) {
        return plain(width, Reduction.POOLED, Expansion.BATCH_NORM_RELU, Initialization.FRAMEWORK)
                .withEps(1e-5, 1e-5, 1e-8);
    }

    /**
     * That of video-text retrieval with CLIP's towers. Published with a reduced width of 512, the width of the projected
     * feature.
     *
     * @param layerGates true for MSR-VTT, false for MSVD
     */
    public static AdapterOptions clipVideo(int width, boolean layerGates) {
        return new AdapterOptions(
                width,
                Reduction.SPATIAL,
                layerGates,
                false,
                Expansion.LINEAR,
                Skip.PLAIN,
                Initialization.FRAMEWORK,
                1e-5,
                1e-5,
                1e-6,
                GATE_TEMPERATURE,
                0);
    }

    /** That of visual question answering with CLIP-ViL: gated reductions. Published with half the network's width. */
    public static AdapterOptions clipVil(int width) {
        return plain(width, Reduction.GATED, Expansion.LINEAR, Initialization.NORMAL_002);
    }

    /** That of T5. Published with a quarter of the base network's width and an eighth of the larger ones'. */
    public static AdapterOptions t5(int width) {
        return plain(width, Reduction.GATED, Expansion.LINEAR, Initialization.NORMAL_001);
    }

    /** That of visual grounding with MDETR: an MLP on the aggregate. Published with half the network's width. */
    public static AdapterOptions mdetr(int width) {
        return new AdapterOptions(
                width,
                Reduction.LINEAR_NORM,
                false,
                true,
                Expansion.LINEAR_NORM,
                Skip.GATE,
                Initialization.XAVIER_UNIFORM,
                1e-5,
                1e-5,
                1e-6,
                GATE_TEMPERATURE,
                0);
    }

    private static AdapterOptions plain(
            int width, Reduction reduction, Expansion expansion, Initialization initialization) {
        return new AdapterOptions(
                width,
                reduction,
                false,
                false,
                expansion,
                Skip.GATE,
                initialization,
                1e-5,
                1e-5,
                1e-6,
                GATE_TEMPERATURE,
                0);
    }

    /** Whether the guide comes from outside, and all tapped states are shallow. */
    public boolean guideFromOutside() {
        return reduction == Reduction.SPATIAL;
    }

    /** The same with other eps of the norms. */
    public AdapterOptions withEps(double newReductionEps, double newExpansionEps, double newNormEps) {
        return new AdapterOptions(
                width,
                reduction,
                layerGates,
                aggregateMlp,
                expansion,
                skip,
                initialization,
                newReductionEps,
                newExpansionEps,
                newNormEps,
                gateTemperature,
                dropout);
    }

    /** The same with another initialisation. */
    public AdapterOptions withInitialization(Initialization newInitialization) {
        return new AdapterOptions(
                width,
                reduction,
                layerGates,
                aggregateMlp,
                expansion,
                skip,
                newInitialization,
                reductionEps,
                expansionEps,
                normEps,
                gateTemperature,
                dropout);
    }

    /** The same with another dropout rate. */
    public AdapterOptions withDropout(double newDropout) {
        return new AdapterOptions(
                width,
                reduction,
                layerGates,
                aggregateMlp,
                expansion,
                skip,
                initialization,
                reductionEps,
                expansionEps,
                normEps,
                gateTemperature,
                newDropout);
    }
}
