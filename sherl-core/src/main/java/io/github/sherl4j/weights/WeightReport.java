package io.github.sherl4j.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the tensors of a file fit those that a model wants. Nothing is read for it.
 *
 * @param origin the file
 * @param matched how many wanted tensors the file holds in the right shape
 * @param missing the wanted tensors that the file lacks
 * @param misshaped the wanted tensors that the file holds in another shape
 * @param leftOver the names in the file that are neither wanted nor allowed to be left over
 */
public record WeightReport(
        String origin, int matched, List<Missing> missing, List<Misshaped> misshaped, List<String> leftOver) {

    private static final Logger LOG = LoggerFactory.getLogger(WeightReport.class);
    private static final int LISTED = 10;

    /**
     * A tensor that the file lacks.
     *
     * @param name the wanted name
     * @param shape the wanted shape
     * @param nearest up to three names that the file holds and that are not wanted, nearest first
     */
    public record Missing(String name, List<Long> shape, List<String> nearest) {
        /** Copies the lists. */
        public Missing {
            shape = List.copyOf(shape);
            nearest = List.copyOf(nearest);
        }
    }

    /**
     * A tensor of another shape.
     *
     * @param name the name
     * @param expected the wanted shape
     * @param found the shape in the file
     */
    public record Misshaped(String name, List<Long> expected, List<Long> found) {
        /** Copies the lists. */
        public Misshaped {
            expected = List.copyOf(expected);
            found = List.copyOf(found);
        }
    }

    /** Copies the lists. */
    public WeightReport {
        missing = List.copyOf(missing);
        misshaped = List.copyOf(misshaped);
        leftOver = List.copyOf(leftOver);
    }

    /**
     * Compares names and shapes.
     *
     * @param expected the shapes by name that a model wants, not modified
     * @param source the file, not read and not closed
     * @param mayBeLeftOver names that need no mention if the model does not want them
     * @return what fits and what does not
     */
    public static WeightReport compare(
            Map<String, long[]> expected, WeightSource source, Predicate<String> mayBeLeftOver) {
        Set<String> held = source.names();
        List<String> unwanted =
                held.stream().filter(name -> !expected.containsKey(name)).toList();
        List<Missing> missing = new ArrayList<>();
        List<Misshaped> misshaped = new ArrayList<>();
        expected.forEach((name, shape) -> {
            if (!held.contains(name)) {
                missing.add(new Missing(name, list(shape), NearestNames.of(name, unwanted)));
            } else if (!Arrays.equals(shape, source.shape(name))) {
                misshaped.add(new Misshaped(name, list(shape), list(source.shape(name))));
            }
        });
        int matched = expected.size() - missing.size() - misshaped.size();
        List<String> leftOver = unwanted.stream().filter(mayBeLeftOver.negate()).toList();
        return new WeightReport(source.origin(), matched, missing, misshaped, leftOver);
    }

    /**
     * Whether every wanted tensor is there in its shape, and, unless the file is empty, any.
     *
     * @return true if {@link #requireComplete()} would not throw
     */
    public boolean isComplete() {
        return missing.isEmpty() && misshaped.isEmpty() && (matched > 0 || leftOver.isEmpty());
    }

    /**
     * Demands that the file fits; tensors left over are logged, and no error unless nothing fits at all.
     *
     * @throws IllegalArgumentException that lists every problem, and the nearest names beside each missing one
     */
    public void requireComplete() {
        if (!isComplete()) {
            throw new IllegalArgumentException(problems());
        }
        if (!leftOver.isEmpty()) {
            LOG.info("{}: {} tensors are not used: {}", origin, leftOver.size(), abridged(leftOver));
        }
    }

    private String problems() {
        StringBuilder text =
                new StringBuilder("%s: does not fit the model: %d tensors fit, %d are missing, %d are of another shape"
                        .formatted(origin, matched, missing.size(), misshaped.size()));
        for (Missing tensor : missing) {
            text.append("%n  missing '%s' %s%s"
                    .formatted(tensor.name(), tensor.shape(), NearestNames.offer(tensor.nearest())));
        }
        for (Misshaped tensor : misshaped) {
            text.append(
                    "%n  '%s': expected shape %s, got %s".formatted(tensor.name(), tensor.expected(), tensor.found()));
        }
        if (matched == 0 && !leftOver.isEmpty()) {
            text.append("%n  nothing fits; the file holds: %s".formatted(abridged(leftOver)));
        }
        return text.toString();
    }

    private static String abridged(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(LISTED, names.size())));
        return names.size() <= LISTED ? first : first + ", and " + (names.size() - LISTED) + " more";
    }

    private static List<Long> list(long[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }
}
