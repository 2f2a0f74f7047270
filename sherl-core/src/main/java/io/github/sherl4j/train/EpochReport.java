package io.github.sherl4j.train;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One epoch of a training.
 *
 * @param epoch the epoch, counted from 1
 * @param totalEpochs how many epochs the training will have if it does not stop early
 * @param loss mean loss over the epoch's examples, each before the update that it led to
 * @param score the validation score, empty without a validation
 * @param bestEpoch the epoch with the best score so far, which may be this one; empty before there is a score
 * @param bestScore the best score so far; empty before there is a score
 */
public record EpochReport(
        int epoch,
        int totalEpochs,
        double loss,
        OptionalDouble score,
        OptionalInt bestEpoch,
        OptionalDouble bestScore) {}
