package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that warms up, and is multiplied by a factor at regular intervals; see {@link Schedules} for the
 * formula. Immutable, and written to JSON as ND4J's own schedules are.
 *
 * @param peak the rate of the first interval
 * @param factor what the rate is multiplied by after each interval
 * @param interval iterations, counted from the first of the training and not from the end of the warm-up
 * @param warmUp iterations below the peak, at most {@code interval}
 */
public record StepDecaySchedule(
        @JsonProperty("peak") double peak,
        @JsonProperty("factor") double factor,
        @JsonProperty("interval") int interval,
        @JsonProperty("warmUp") int warmUp)
        implements ISchedule {

    /** Checks the numbers. */
    public StepDecaySchedule {
        Schedules.checkPeak(peak);
        Check.argument(factor > 0 && factor <= 1, "factor must be above 0 and at most 1, but is %s", factor);
        Check.argument(interval > 0, "interval must be positive, but is %s", interval);
        Check.argument(
                warmUp >= 0 && warmUp <= interval,
                "warmUp must be from 0 to interval = %s, but is %s",
                interval,
                warmUp);
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        if (iteration < warmUp) {
            return Schedules.warm(peak, iteration, warmUp);
        }
        int intervalsDone = iteration / interval;
        return peak * Math.pow(factor, intervalsDone);
    }

    @Override
    public StepDecaySchedule clone() {
        return this;
    }
}
