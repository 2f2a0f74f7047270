package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The schedule that Barlow Twins was published with: a straight line from 0, which is the rate of the first step, to the
 * peak, then half a cosine wave to the end. Immutable, and written to JSON as ND4J's own schedules are.
 *
 * @param peak the highest rate, that of iteration {@code warmUp}
 * @param end the rate from iteration {@code steps} on
 * @param warmUp iterations below the peak, at most {@code steps}
 * @param steps iterations of the whole training
 */
public record WarmUpCosineSchedule(
        @JsonProperty("peak") double peak,
        @JsonProperty("end") double end,
        @JsonProperty("warmUp") int warmUp,
        @JsonProperty("steps") int steps)
        implements ISchedule {

    /** Checks the numbers. */
    public WarmUpCosineSchedule {
        Schedules.checkPeak(peak);
        Check.argument(end >= 0 && end <= peak, "end must be from 0 to the peak rate %s, but is %s", peak, end);
        Check.argument(steps > 0, "steps must be positive, but is %s", steps);
        Check.argument(warmUp >= 0 && warmUp <= steps, "warmUp must be from 0 to steps = %s, but is %s", steps, warmUp);
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        if (iteration < warmUp) {
            return peak * iteration / warmUp;
        }
        double done = iteration >= steps ? 1 : (iteration - warmUp) / (double) (steps - warmUp);
        return end + (peak - end) * (1 + Math.cos(Math.PI * done)) / 2;
    }

    @Override
    public WarmUpCosineSchedule clone() {
        return this;
    }
}
