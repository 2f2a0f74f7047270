package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import org.nd4j.linalg.schedule.ISchedule;

/** How the learning rate runs, made into a schedule once the length of the training is known. */
@FunctionalInterface
public interface RateShape {
    /**
     * Makes the schedule of one training.
     *
     * @param peakRate the highest rate
     * @param stepsPerEpoch steps of one epoch
     * @param steps steps of all epochs
     * @return rates by iteration, counted from 0, none negative
     */
    ISchedule over(double peakRate, int stepsPerEpoch, int steps);

    /**
     * Warm-up, then constant: {@link Schedules#constant}.
     *
     * @param warmUp share of all steps, 0 to 1
     */
    static RateShape constant(double warmUp) {
        checkShare("warmUp", warmUp);
        return (peakRate, stepsPerEpoch, steps) -> Schedules.constant(peakRate, share(warmUp, steps));
    }

    /**
     * Warm-up, then a straight line to 0: {@link Schedules#linear}.
     *
     * @param warmUp share of all steps, 0 to 1
     */
    static RateShape linear(double warmUp) {
        checkShare("warmUp", warmUp);
        return (peakRate, stepsPerEpoch, steps) -> Schedules.linear(peakRate, share(warmUp, steps), steps);
    }

    /**
     * Warm-up, then half a cosine wave: {@link Schedules#cosine}.
     *
     * @param warmUp share of all steps, 0 to 1
     * @param end share of the peak rate that is left at the end, 0 to 1
     */
    static RateShape cosine(double warmUp, double end) {
        checkShare("warmUp", warmUp);
        checkShare("end", end);
        return (peakRate, stepsPerEpoch, steps) ->
                Schedules.cosine(peakRate, end * peakRate, share(warmUp, steps), steps);
    }

    /**
     * A straight line from 0, then half a cosine wave: {@link WarmUpCosineSchedule}, as Barlow Twins was published with 10
     * epochs and 0.001.
     *
     * @param warmUpEpochs epochs of warm-up; all of them, if the training has no more
     * @param end share of the peak rate that is left at the end, 0 to 1
     */
    static RateShape warmUpCosine(int warmUpEpochs, double end) {
        Check.argument(warmUpEpochs >= 0, "warmUpEpochs must not be negative, but is %s", warmUpEpochs);
        checkShare("end", end);
        return (peakRate, stepsPerEpoch, steps) -> new WarmUpCosineSchedule(
                peakRate, end * peakRate, Math.min(steps, Math.multiplyExact(warmUpEpochs, stepsPerEpoch)), steps);
    }

    /**
     * A smaller rate every few epochs, without warm-up: {@link Schedules#step}. SHERL was published with a factor of 0.1.
     *
     * @param epochs epochs between two changes, positive
     * @param factor what the rate is multiplied by, above 0 and at most 1
     */
    static RateShape stepDecay(int epochs, double factor) {
        Check.argument(epochs > 0, "epochs must be positive, but is %s", epochs);
        Check.argument(factor > 0 && factor <= 1, "factor must be above 0 and at most 1, but is %s", factor);
        return (peakRate, stepsPerEpoch, steps) ->
                Schedules.step(peakRate, factor, Math.multiplyExact(epochs, stepsPerEpoch), 0);
    }

    private static void checkShare(String name, double share) {
        Check.argument(share >= 0 && share <= 1, "%s must be from 0 to 1, but is %s", name, share);
    }

    private static int share(double share, int steps) {
        return (int) Math.round(share * steps);
    }
}
