package io.github.sherl4j.train;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** A schedule times a factor. Immutable if the schedule is. */
record ScaledSchedule(
        @JsonProperty("schedule") ISchedule schedule,
        @JsonProperty("factor") double factor) implements ISchedule {

    /** The schedule itself where the factor is 1, so that no rounding is added. */
    static ISchedule of(ISchedule schedule, double factor) {
        return factor == 1 ? schedule : new ScaledSchedule(schedule, factor);
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        return factor * schedule.valueAt(iteration, epoch);
    }

    @Override
    public ScaledSchedule clone() {
        return new ScaledSchedule(schedule.clone(), factor);
    }
}
