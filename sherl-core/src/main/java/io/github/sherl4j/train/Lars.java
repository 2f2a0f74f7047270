package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * LARS (You et al. 2017) for any DL4J network: this regularization adds decay and trust ratio to each weight's gradient, and
 * {@link Momentum} as the network's updater does the rest. One-dimensional parameters, biases and the parameters of norms,
 * get neither, because DL4J asks regularizations for weights alone; so never use this one as a {@code regularizationBias}.
 *
 * <pre>
 * new NeuralNetConfiguration.Builder()
 *         .updater(new Momentum(weightRates, 0.9))
 *         .biasUpdater(new Momentum(biasRates, 0.9))
 *         .list()
 *         .layer(new DenseLayer.Builder().nIn(3).nOut(4).regularization(List.of(new Lars(0.001, 1e-6))).build())
 *         .layer(new BatchNormalization.Builder().updater(new Momentum(biasRates, 0.9)).build())
 * </pre>
 *
 * <p>Give it to the layers, not to the whole network: DL4J 1.0.0-M2.1 adds the network's regularizations to each layer twice,
 * and so would add the decay twice. Its {@code BatchNormalization} takes the layer's own updater, not the bias updater, for
 * scale and shift.
 */
public final class Lars implements Regularization {
    private static final long serialVersionUID = 1;

    @JsonProperty("eta")
    private final double eta;

    @JsonProperty("weightDecay")
    private final double weightDecay;

    /**
     * A rule with its two numbers.
     *
     * @param eta the trust coefficient, positive
     * @param weightDecay share of the weight that is added to its gradient, not negative
     */
    public Lars(@JsonProperty("eta") double eta, @JsonProperty("weightDecay") double weightDecay) {
        Check.argument(eta > 0 && Double.isFinite(eta), "eta must be positive and finite, but is %s", eta);
        Check.argument(
                weightDecay >= 0 && Double.isFinite(weightDecay),
                "weightDecay must be finite and not negative, but is %s",
                weightDecay);
        this.eta = eta;
        this.weightDecay = weightDecay;
    }

    @Override
    public ApplyStep applyStep() {
        return ApplyStep.BEFORE_UPDATER;
    }

    @Override
    public void apply(INDArray parameter, INDArray gradient, double rate, int iteration, int epoch) {
        // DL4J gives all parameters as flat rows, so that their shapes do not tell weights from biases.
        TrustRatio.apply(parameter, gradient, eta, weightDecay);
    }

    /** What DL4J adds to the score it reports: {@code decay / 2 * |p|^2}. */
    @Override
    public double score(INDArray parameter, int iteration, int epoch) {
        double norm = TrustRatio.norm(parameter);
        return 0.5 * weightDecay * norm * norm;
    }

    @Override
    public Regularization clone() {
        return this;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Lars that && eta == that.eta && weightDecay == that.weightDecay;
    }

    @Override
    public int hashCode() {
        return Objects.hash(eta, weightDecay);
    }

    @Override
    public String toString() {
        return "Lars(eta=%s, weightDecay=%s)".formatted(eta, weightDecay);
    }
}
