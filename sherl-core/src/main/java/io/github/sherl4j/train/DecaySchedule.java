package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that warms up, then decays over a known number of iterations; see {@link Schedules} for the formulas.
 * Immutable, and written to JSON as ND4J's own schedules are.
 *
 * @param decay the curve after the warm-up
 * @param peak the highest rate
 * @param end the rate from iteration {@code steps} on; not used by {@link Decay#CONSTANT}
 * @param warmUp iterations below the peak, at most {@code steps}
 * @param steps iterations of the whole training
 */
public record DecaySchedule(
        @JsonProperty("decay") Decay decay,
        @JsonProperty("peak") double peak,
        @JsonProperty("end") double end,
        @JsonProperty("warmUp") int warmUp,
        @JsonProperty("steps") int steps)
        implements ISchedule {

    /** The curve of a rate after its warm-up. */
    public enum Decay {
        /** Stays at the peak. */
        CONSTANT,
        /** A straight line from the peak to the end. */
        LINEAR,
        /** Half a cosine wave from the peak to the end. */
        COSINE
    }

    /** Checks the numbers. */
    public DecaySchedule {
        Schedules.checkPeak(peak);
        Check.argument(end >= 0 && end <= peak, "end must be from 0 to the peak rate %s, but is %s", peak, end);
        Check.argument(steps > 0, "steps must be positive, but is %s", steps);
        Check.argument(warmUp >= 0 && warmUp <= steps, "warmUp must be from 0 to steps = %s, but is %s", steps, warmUp);
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        if (iteration < warmUp) {
            return Schedules.warm(peak, iteration, warmUp);
        }
        double done = iteration >= steps ? 1 : (iteration - warmUp) / (double) (steps - warmUp);
        return switch (decay) {
            case CONSTANT -> peak;
            case LINEAR -> peak + (end - peak) * done;
            case COSINE -> end + (peak - end) * (1 + Math.cos(Math.PI * done)) / 2;
        };
    }

    @Override
    public DecaySchedule clone() {
        return this;
    }
}
