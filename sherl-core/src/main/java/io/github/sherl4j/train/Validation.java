package io.github.sherl4j.train;

/** Measures a model after each epoch, on examples that it was not trained on. */
@FunctionalInterface
public interface Validation {
    /**
     * Measures the model as it is now.
     *
     * @return the score, higher is better; NaN counts as worse than any number
     */
    double score();
}
