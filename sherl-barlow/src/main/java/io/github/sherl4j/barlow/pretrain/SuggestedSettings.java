package io.github.sherl4j.barlow.pretrain;

import io.github.sherl4j.nd.Check;
import java.util.List;

/**
 * Where to start from, for a batch size and a projector's width, by LARS.
 *
 * @param lambda of the loss: the published 0.0051, which the authors chose for a width of 8192
 * @param scale of the loss: 196 / width, as the authors suggest for other widths than their own
 * @param weightRate highest learning rate of weights: base * batch / 256, the base read off the published table between its rows
 * @param vectorRate highest learning rate of biases and norms: the same. The published 0.0048 / 0.2 is this scale at a width of
 *     8192 in another place: LARS makes the weights' step independent of the loss's scale, but not that of the others
 * @param accuracy what the table has for such a batch: top-1 in % on ImageNet after 300 epochs
 * @param loneLambda lambda for other optimizers than LARS, on one machine: 1 / width
 */
public record SuggestedSettings(
        double lambda, double scale, double weightRate, double vectorRate, double accuracy, double loneLambda) {
    /**
     * A row of the published table.
     *
     * @param batch pictures in a batch
     * @param baseRate weights' learning rate for a batch of 256
     * @param accuracy top-1 in % on ImageNet after 300 epochs
     */
    public record Published(int batch, double baseRate, double accuracy) {}

    private static final List<Published> TABLE = List.of(
            new Published(128, 0.7, 69.7),
            new Published(256, 0.4, 70.7),
            new Published(512, 0.3, 71.4),
            new Published(1024, 0.25, 71.7),
            new Published(2048, 0.2, 71.4),
            new Published(4096, 0.2, 70.7));
    private static final double LAMBDA = 0.0051;
    private static final double SCALE_WIDTH = 196;
    private static final double RATE_BATCH = 256;

    /** What the authors published, by batch size. */
    public static List<Published> published() {
        return TABLE;
    }

    /**
     * Settings for a batch size and a width; between two rows of the table in proportion to the logarithm of the batch size,
     * beyond its ends those of the last row.
     */
    public static SuggestedSettings of(int batch, int width) {
        Check.argument(batch >= 2, "batch must be at least 2, but is %s", batch);
        Check.argument(width >= 1, "width must be at least 1, but is %s", width);
        Published row = between(batch);
        double rate = row.baseRate() * batch / RATE_BATCH;
        return new SuggestedSettings(LAMBDA, SCALE_WIDTH / width, rate, rate, row.accuracy(), 1.0 / width);
    }

    private static Published between(int batch) {
        Published below = TABLE.get(0);
        for (Published row : TABLE) {
            if (batch <= row.batch()) {
                double whole = Math.log((double) row.batch() / below.batch());
                double share = whole == 0 ? 0 : Math.max(0, Math.log((double) batch / below.batch()) / whole);
                return new Published(
                        batch,
                        below.baseRate() + share * (row.baseRate() - below.baseRate()),
                        below.accuracy() + share * (row.accuracy() - below.accuracy()));
            }
            below = row;
        }
        return below;
    }
}
