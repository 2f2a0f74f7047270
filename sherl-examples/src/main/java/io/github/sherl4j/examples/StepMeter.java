package io.github.sherl4j.examples;

import io.github.sherl4j.nd.MemoryMeter;
import io.github.sherl4j.train.StepReport;
import io.github.sherl4j.train.TrainListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Times and memory of training steps, Deeplearning4j's or ours. Memory counts from the meter's making on, when the network's
 * weights and the data are there and nothing else; beside ND4J's count of arrays it has the bytes of the thread's workspaces,
 * which that leaves out.
 */
final class StepMeter implements TrainListener {
    private static final double MEGA = 1e6;

    private final int warmUp;
    private final List<Double> times = new ArrayList<>();
    private final MemoryMeter meter;
    private long arrays;

    /**
     * Starts when the garbage of what came before is gone.
     *
     * @param warmUp first steps whose times are left out of the median, unless there are no others
     */
    StepMeter(int warmUp) {
        this.warmUp = warmUp;
        Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
        TrainingMemory.settle();
        meter = MemoryMeter.start();
    }

    @Override
    public void onStep(StepReport report) {
        add(report.seconds());
    }

    /** Runs and measures a step. */
    void time(Runnable step) {
        long start = System.nanoTime();
        step.run();
        add((System.nanoTime() - start) / 1e9);
    }

    private void add(double seconds) {
        times.add(seconds);
        meter.sample();
        arrays = Math.max(arrays, meter.peakBytes() + workspaces());
    }

    private static long workspaces() {
        return Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread().stream()
                .mapToLong(MemoryWorkspace::getCurrentSize)
                .sum();
    }

    /** The median step in seconds. */
    double medianSeconds() {
        double[] sorted = times.subList(Math.min(warmUp, times.size() - 1), times.size()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /**
     * The most megabytes of native arrays and workspaces after any step.
     *
     * @param weights bytes of weights that came after the start, which do not count
     */
    double peakMb(long weights) {
        return (arrays - weights) / MEGA;
    }

    /** By how many megabytes the process grew at most, without those weights; empty where the system does not tell. */
    OptionalDouble residentPeakMb(long weights) {
        OptionalLong resident = meter.residentPeakBytes();
        return resident.isPresent()
                ? OptionalDouble.of((resident.getAsLong() - weights) / MEGA)
                : OptionalDouble.empty();
    }
}
