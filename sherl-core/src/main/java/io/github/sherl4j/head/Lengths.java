package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The lengths that occur in a batch, and which of them each example has. */
final class Lengths {
    private final int[] distinct;
    private final int[] ofExample;

    private Lengths(int... all) {
        distinct = Arrays.stream(all).sorted().distinct().toArray();
        ofExample = Arrays.stream(all)
                .map(length -> Arrays.binarySearch(distinct, length))
                .toArray();
    }

    /** Those of features [batch, tokens, width], all tokens where there is no mask. */
    static Lengths of(INDArray features, Context context) {
        int[] all = new int[(int) features.size(0)];
        Arrays.fill(all, (int) features.size(1));
        INDArray mask = context.mask();
        if (mask != null) {
            Check.shape("mask", mask, features.size(0), features.size(1));
            Memory memory = context.memory();
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray sums = memory.scratch().array(all.length, 1);
                memory.ops().sumRows(mask, sums);
                Arrays.setAll(all, n -> (int) Math.round(sums.getDouble(n)));
            }
            for (int n = 0; n < all.length; n++) {
                Check.argument(all[n] >= 1, "mask must leave at least one token to each example, but none to %s", n);
            }
        }
        return new Lengths(all);
    }

    /** Ascending, without repetition; not to be modified. */
    int[] distinct() {
        return distinct;
    }

    int longest() {
        return distinct[distinct.length - 1];
    }

    /** Each example's weights, of [lengths, places]; examples of one length share theirs. */
    double[][] read(INDArray weights) {
        double[][] byLength = new double[distinct.length][];
        for (int i = 0; i < byLength.length; i++) {
            long start = (long) i * longest();
            byLength[i] = new double[distinct[i]];
            Arrays.setAll(byLength[i], k -> weights.data().getDouble(start + k));
        }
        return Arrays.stream(ofExample).mapToObj(i -> byLength[i]).toArray(double[][]::new);
    }

    /** Adds up the examples' gradients. */
    void write(double[][] gradients, INDArray gradWeights) {
        double[] sums = new double[distinct.length * longest()];
        for (int n = 0; n < gradients.length; n++) {
            for (int k = 0; k < gradients[n].length; k++) {
                sums[ofExample[n] * longest() + k] += gradients[n][k];
            }
        }
        for (int i = 0; i < sums.length; i++) {
            gradWeights.data().put(i, sums[i]);
        }
    }
}
