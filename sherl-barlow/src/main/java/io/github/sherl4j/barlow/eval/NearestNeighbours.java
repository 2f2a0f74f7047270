package io.github.sherl4j.barlow.eval;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.HostFloats;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Classification by the nearest neighbours (Wu et al. 2018): the k training examples with the largest cosine similarity s vote
 * for their class with the weight exp(s / temperature). Nothing is learnt, so it shows what the features themselves say.
 */
public final class NearestNeighbours {
    private static final int AT_ONCE = 100;

    private final Features train;
    private final int k;
    private final double temperature;

    /**
     * A classifier.
     *
     * @param train what is known
     * @param k how many neighbours vote, from 1 to all
     * @param temperature positive; the paper's 0.07 lets the nearest speak loudest
     */
    public NearestNeighbours(Features train, int k, double temperature) {
        Check.argument(k >= 1 && k <= train.size(), "k must be 1 to %s, but is %s", train.size(), k);
        Check.argument(temperature > 0, "temperature must be positive, but is %s", temperature);
        this.train = train;
        this.k = k;
        this.temperature = temperature;
    }

    /** 20 neighbours, or all if there are fewer, temperature 0.07. */
    public static NearestNeighbours of(Features train) {
        return new NearestNeighbours(train, Math.min(20, train.size()), 0.07);
    }

    /** The class of each example. */
    public int[] predict(Features test) {
        Check.argument(
                test.width() == train.width(),
                "test must be %s wide like train, but is %s",
                train.width(),
                test.width());
        int[] predicted = new int[test.size()];
        float[] similarities = new float[train.size()];
        try (Memory memory = new Memory(DataType.FLOAT);
                HostFloats known = unitRows(train, 0, train.size());
                HostFloats products = new HostFloats(AT_ONCE, train.size())) {
            for (int from = 0; from < test.size(); from += AT_ONCE) {
                int count = Math.min(AT_ONCE, test.size() - from);
                memory.reset();
                try (HostFloats asked = unitRows(test, from, count)) {
                    memory.ops()
                            .product(
                                    asked.array(),
                                    known.array(),
                                    memory.slices(products.array(), 0, count),
                                    false,
                                    true,
                                    1,
                                    0);
                }
                for (int i = 0; i < count; i++) {
                    products.get(i * train.size(), similarities);
                    predicted[from + i] = vote(similarities);
                }
            }
        }
        return predicted;
    }

    /** The share of examples whose class is found. */
    public double accuracy(Features test) {
        int[] predicted = predict(test);
        int right = 0;
        for (int i = 0; i < predicted.length; i++) {
            right += predicted[i] == test.label(i) ? 1 : 0;
        }
        return (double) right / predicted.length;
    }

    private int vote(float[] similarities) {
        float[] sorted = similarities.clone();
        Arrays.sort(sorted);
        float least = sorted[sorted.length - k];
        double[] votes = new double[train.classes().size()];
        int voters = 0;
        for (int i = 0; i < similarities.length && voters < k; i++) {
            if (similarities[i] >= least) {
                votes[train.label(i)] += Math.exp((similarities[i] - 1) / temperature);
                voters++;
            }
        }
        int best = 0;
        for (int i = 1; i < votes.length; i++) {
            best = votes[i] > votes[best] ? i : best;
        }
        return best;
    }

    /** [count, width], each row of length 1, or 0 where it was 0. */
    private static HostFloats unitRows(Features features, int from, int count) {
        HostFloats unit = new HostFloats(count, features.width());
        for (int i = 0; i < count; i++) {
            float[] row = features.row(from + i).clone();
            double squares = 0;
            for (float number : row) {
                squares += (double) number * number;
            }
            double factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
            for (int j = 0; j < row.length; j++) {
                row[j] *= (float) factor;
            }
            unit.put(i * features.width(), row);
        }
        return unit;
    }
}
