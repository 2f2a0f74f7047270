package io.github.sherl4j.route;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What a classifier says of one text.
 *
 * @param label the most probable label
 * @param probability its probability
 * @param labels all labels
 * @param probabilities their probabilities, in the order of the labels; they add up to 1
 */
public record Prediction(String label, double probability, List<String> labels, List<Double> probabilities) {
    static Prediction of(List<String> labels, double[] probabilities) {
        int best = best(probabilities);
        List<Double> all = IntStream.range(0, probabilities.length)
                .mapToObj(i -> probabilities[i])
                .toList();
        return new Prediction(labels.get(best), probabilities[best], labels, all);
    }

    static int best(double[] probabilities) {
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            best = probabilities[i] > probabilities[best] ? i : best;
        }
        return best;
    }
}
