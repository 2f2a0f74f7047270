package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Learning rates by iteration, as ND4J schedules: for {@link RateShape}, or for an updater in any DL4J network.
 *
 * <p>With iterations i counted from 0, W iterations of warm-up and T iterations in all,
 *
 * <ul>
 *   <li>warm-up: {@code rate(i) = peak * (i + 1) / (W + 1)} for {@code i < W}: no step is wasted on a rate of 0, and
 *       iteration W is the first at the peak;
 *   <li>constant: {@code rate(i) = peak};
 *   <li>linear: {@code rate(i) = peak + (end - peak) * d}, where {@code d = (i - W) / (T - W)}, at most 1;
 *   <li>cosine: {@code rate(i) = end + (peak - end) * (1 + cos(pi * d)) / 2}, with the same d;
 *   <li>step: {@code rate(i) = peak * factor^floor(i / interval)}.
 * </ul>
 *
 * <p>{@link WarmUpCosineSchedule} is another: its first rate is 0.
 *
 * <p>ND4J 1.0.0-M2.1 has schedules for some of this, but its {@code PolySchedule} grows where it should decay, and its
 * {@code RampSchedule}, a warm-up, cannot be read from JSON.
 */
public final class Schedules {
    private Schedules() {}

    /**
     * Warm-up, then constant.
     *
     * @param peak the highest rate, positive
     * @param warmUp iterations of warm-up, 0 for none
     */
    public static ISchedule constant(double peak, int warmUp) {
        return new DecaySchedule(DecaySchedule.Decay.CONSTANT, peak, 0, warmUp, Math.max(1, warmUp));
    }

    /**
     * Warm-up, then a straight line to 0, which would be reached one iteration after the last.
     *
     * @param peak the highest rate, positive
     * @param warmUp iterations of warm-up, 0 for none
     * @param steps iterations of the whole training, at least {@code warmUp}
     */
    public static ISchedule linear(double peak, int warmUp, int steps) {
        return new DecaySchedule(DecaySchedule.Decay.LINEAR, peak, 0, warmUp, steps);
    }

    /**
     * Warm-up, then half a cosine wave.
     *
     * @param peak the highest rate, positive
     * @param end the rate that would be reached one iteration after the last, from 0 to {@code peak}
     * @param warmUp iterations of warm-up, 0 for none
     * @param steps iterations of the whole training, at least {@code warmUp}
     */
    public static ISchedule cosine(double peak, double end, int warmUp, int steps) {
        return new DecaySchedule(DecaySchedule.Decay.COSINE, peak, end, warmUp, steps);
    }

    /**
     * Warm-up, then a smaller rate after each interval.
     *
     * @param peak the rate of the first interval, positive
     * @param factor what the rate is multiplied by after each interval, above 0 and at most 1
     * @param interval iterations, counted from the first of the training
     * @param warmUp iterations of warm-up, 0 for none, at most {@code interval}
     */
    public static ISchedule step(double peak, double factor, int interval, int warmUp) {
        return new StepDecaySchedule(peak, factor, interval, warmUp);
    }

    static double warm(double peak, int iteration, int warmUp) {
        return peak * (iteration + 1) / (warmUp + 1);
    }

    static void checkPeak(double peak) {
        Check.argument(peak > 0 && Double.isFinite(peak), "the peak rate must be positive, but is %s", peak);
    }
}
