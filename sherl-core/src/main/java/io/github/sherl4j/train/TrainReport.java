package io.github.sherl4j.train;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A finished training.
 *
 * @param epochs epochs run
 * @param steps steps run
 * @param bestEpoch the epoch with the best validation score, counted from 1; empty without a score
 * @param bestScore the best validation score; empty without a score
 * @param losses mean loss of each epoch; not modifiable
 * @param secondsPerStep median time of a step; the first, which sizes memory, does not count if there are more
 */
public record TrainReport(
        int epochs,
        int steps,
        OptionalInt bestEpoch,
        OptionalDouble bestScore,
        List<Double> losses,
        double secondsPerStep) {

    /** Copies the list. */
    public TrainReport {
        losses = List.copyOf(losses);
    }
}
