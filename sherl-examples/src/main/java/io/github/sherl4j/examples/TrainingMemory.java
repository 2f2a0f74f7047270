package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.MemoryMeter;
import io.github.sherl4j.route.Model;
import io.github.sherl4j.train.StepReport;
import io.github.sherl4j.train.TrainListener;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Memory of a model and its training beyond weights: gradients, updater state, kept and scratch arrays count; the weights of
 * network, adapter and head do not, nor do the inputs, since a step's batch is closed when listeners are told of the step.
 */
final class TrainingMemory implements TrainListener {
    private static final double MEGA = 1e6;
    private static final long SETTLED_BYTES = 500_000;
    private static final int ATTEMPTS = 40;
    /** So often must nothing have changed, since on a busy machine those threads may not have come to run yet. */
    private static final int QUIET_ATTEMPTS = 4;

    private static final int PAUSE_MILLIS = 50;

    private final MemoryMeter meter;

    private TrainingMemory(MemoryMeter meter) {
        this.meter = meter;
    }

    /** Starts when the network is loaded and the model not yet made; first waits until the garbage of what came before is gone. */
    static TrainingMemory start() {
        settle();
        return new TrainingMemory(MemoryMeter.start());
    }

    @Override
    public void onStep(StepReport report) {
        meter.sample();
    }

    /** Takes note of what is alive now. */
    void sample() {
        meter.sample();
    }

    /** The peak in megabytes, if the network has been used by no model. */
    double peakMb() {
        return meter.peakBytes() / MEGA;
    }

    /** The peak in megabytes. */
    double peakMb(Backbone<?> backbone, Model<?> model) {
        return peakMb(List.of(backbone), model);
    }

    /** The peak in megabytes of a model on several networks. */
    double peakMb(List<? extends Backbone<?>> backbones, Model<?> model) {
        return (meter.peakBytes() - newWeights(backbones, model)) / MEGA;
    }

    /** The peak in megabytes of a model on a network of given parameters. */
    double peakMb(Model<?> model, List<Parameter> network) {
        return (meter.peakBytes() - newWeights(new HashSet<>(network), model)) / MEGA;
    }

    /** The peak of the process in megabytes, weights that came since the start included. */
    OptionalDouble residentPeakMb() {
        OptionalLong bytes = meter.residentPeakBytes();
        return bytes.isPresent() ? OptionalDouble.of(bytes.getAsLong() / MEGA) : OptionalDouble.empty();
    }

    /** Bytes of the weights that the model has beside the networks', which were there at the start. */
    private static long newWeights(List<? extends Backbone<?>> backbones, Model<?> model) {
        Set<Parameter> old = new HashSet<>();
        backbones.forEach(backbone -> old.addAll(backbone.parameters()));
        return newWeights(old, model);
    }

    private static long newWeights(Set<Parameter> old, Model<?> model) {
        return model.parameters().parameters().stream()
                .filter(parameter -> !old.contains(parameter))
                .mapToLong(parameter -> parameter.value().length()
                        * parameter.value().dataType().width())
                .sum();
    }

    /**
     * ND4J frees arrays that nobody closed, and the JVM gives memory of its heap back, from threads of their own, some time
     * after a collection.
     */
    static void settle() {
        long arrays;
        long resident;
        int attempts = 0;
        int quiet = 0;
        do {
            arrays = MemoryMeter.nativeBytes();
            resident = MemoryMeter.residentBytes().orElse(0);
            System.gc();
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            attempts++;
            boolean same = MemoryMeter.nativeBytes() == arrays
                    && Math.abs(MemoryMeter.residentBytes().orElse(0) - resident) <= SETTLED_BYTES;
            quiet = same ? quiet + 1 : 0;
        } while (quiet < QUIET_ATTEMPTS && attempts < ATTEMPTS);
    }
}
