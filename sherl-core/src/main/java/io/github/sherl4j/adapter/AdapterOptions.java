package io.github.sherl4j.adapter;

import io.github.sherl4j.nd.Check;

/**
 * What tells the published variants of the adapter apart.
 *
 * @param width length of a reduced state
 * @param reductionEps eps of the layer norm behind each reduction
 * @param expansionEps eps of the layer norm behind the expansion
 * @param normEps added to the sums that the L1 and L2 norms divide by
 * @param gateTemperature the gate is {@code tanh(parameter / temperature)}
 * @param dropout rate of dropout behind the expansion, in training
 */
public record AdapterOptions(
        int width, double reductionEps, double expansionEps, double normEps, double gateTemperature, double dropout) {
    /** Checks the numbers. */
    public AdapterOptions {
        Check.argument(width > 0, "width must be positive, but is %s", width);
        Check.argument(reductionEps > 0, "reductionEps must be positive, but is %s", reductionEps);
        Check.argument(expansionEps > 0, "expansionEps must be positive, but is %s", expansionEps);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
        Check.argument(gateTemperature > 0, "gateTemperature must be positive, but is %s", gateTemperature);
        Check.argument(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), but is %s", dropout);
    }

    /**
     * The adapter of the paper's image-text retrieval system on its text side: linear reductions with layer norm, tanh gate
     * of temperature 0.1, dropout 0.1.
     *
     * @param width length of a reduced state
     */
    public static AdapterOptions vseText(int width) {
        return new AdapterOptions(width, 1e-5, 1e-12, 1e-8, 0.1, 0.1);
    }

    /** The same with another dropout rate. */
    public AdapterOptions withDropout(double newDropout) {
        return new AdapterOptions(width, reductionEps, expansionEps, normEps, gateTemperature, newDropout);
    }
}
