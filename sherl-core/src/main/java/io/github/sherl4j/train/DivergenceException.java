package io.github.sherl4j.train;

/**
 * A loss or a gradient is not a finite number. The update was refused: parameters and the updater's state are those before
 * the batch, the gradients are zero. A lower learning rate, a longer warm-up or clipping may help.
 */
public final class DivergenceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int epoch;
    private final int batch;
    private final double loss;
    private final double gradientNorm;

    /**
     * A failure.
     *
     * @param epoch counted from 1
     * @param batch in its epoch, counted from 1
     */
    public DivergenceException(int epoch, int batch, double loss, double gradientNorm) {
        super(("Training diverged in epoch %d at batch %d: loss and gradient norm must be finite, but are %s and %s;"
                        + " the parameters are those before this batch")
                .formatted(epoch, batch, loss, gradientNorm));
        this.epoch = epoch;
        this.batch = batch;
        this.loss = loss;
        this.gradientNorm = gradientNorm;
    }

    /** The epoch, counted from 1. */
    public int epoch() {
        return epoch;
    }

    /** The batch in its epoch, counted from 1. */
    public int batch() {
        return batch;
    }

    /** The mean loss of the batch. */
    public double loss() {
        return loss;
    }

    /** The norm of the gradients of all parameters. */
    public double gradientNorm() {
        return gradientNorm;
    }
}
