package io.github.sherl4j.train;

/** Is told how a training goes, in the thread that trains. What a listener throws ends the training. */
public interface TrainListener {
    /** A step was done; the gradients are zero again. */
    default void onStep(StepReport report) {}

    /** An epoch was done and its validation score, if any, measured. */
    default void onEpoch(EpochReport report) {}
}
