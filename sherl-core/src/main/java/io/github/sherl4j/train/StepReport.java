package io.github.sherl4j.train;

/**
 * One step of a training.
 *
 * @param epoch the epoch, counted from 1
 * @param step the step, counted from 1 over all epochs
 * @param totalSteps how many steps the training will have if it does not stop early
 * @param loss mean loss of the batch, before the update
 * @param rate the learning rate
 * @param gradientNorm norm of the gradients of all parameters, before clipping
 * @param seconds time of the step, with the making of its batch
 */
public record StepReport(
        int epoch, int step, int totalSteps, double loss, double rate, double gradientNorm, double seconds) {}
