package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * T5's relative positions (Raffel et al. 2020, section 2.1): each head has a learned number for every bucket of distances, which is
 * added to its attention scores. Near distances have a bucket each, farther ones share buckets that grow logarithmically, and
 * all from a largest distance on share the last one.
 */
public final class RelativePositions implements AutoCloseable {
    private final Parameter table;
    private final boolean bidirectional;
    private final int maxDistance;
    private final int maxTokens;
    /** The bucket of each distance from -(maxTokens - 1) to maxTokens - 1, INT32. */
    private final INDArray buckets;

    /**
     * Biases from a table.
     *
     * @param table [buckets, heads]
     * @param bidirectional true in an encoder, whose tokens see later ones; false in a decoder
     * @param maxDistance where the last bucket begins
     * @param maxTokens the longest sequence
     */
    public RelativePositions(Parameter table, boolean bidirectional, int maxDistance, int maxTokens) {
        Check.shape(table.name(), table.value(), Check.ANY, Check.ANY);
        Check.argument(maxTokens > 0, "maxTokens must be positive, but is %s", maxTokens);
        this.table = table;
        this.bidirectional = bidirectional;
        this.maxDistance = maxDistance;
        this.maxTokens = maxTokens;
        int count = (int) table.value().size(0);
        int[] ofDistance = new int[2 * maxTokens - 1];
        for (int i = 0; i < ofDistance.length; i++) {
            ofDistance[i] = bucket(i - (maxTokens - 1), bidirectional, count, maxDistance);
        }
        this.buckets = Nd4j.createFromArray(ofDistance);
    }

    /**
     * The bucket of a distance.
     *
     * @param distance position of the key less that of the query
     * @param bidirectional whether keys behind the query have buckets of their own; otherwise they are in that of distance 0
     * @param buckets number of buckets, a multiple of 4 if bidirectional, else of 2
     * @param maxDistance where the last bucket begins; more than half of a direction's buckets
     */
    public static int bucket(int distance, boolean bidirectional, int buckets, int maxDistance) {
        int perDirection = bidirectional ? buckets / 2 : buckets;
        int exact = perDirection / 2;
        Check.argument(
                exact > 0 && perDirection % 2 == 0 && (!bidirectional || buckets % 2 == 0),
                "buckets must be a positive multiple of %s, but is %s",
                bidirectional ? 4 : 2,
                buckets);
        Check.argument(maxDistance > exact, "maxDistance must be more than %s, but is %s", exact, maxDistance);
        int first = bidirectional && distance > 0 ? perDirection : 0;
        int away = bidirectional ? Math.abs(distance) : Math.max(-distance, 0);
        if (away < exact) {
            return first + away;
        }
        // In single precision, as the original computes it: so a distance on the edge of two buckets falls on its side.
        float share = (float) Math.log((float) away / exact) / (float) Math.log((double) maxDistance / exact);
        int far = exact + (int) (share * (perDirection - exact));
        return first + Math.min(far, perDirection - 1);
    }

    /**
     * The biases of all pairs of tokens.
     *
     * @return values [1, heads, tokens, tokens] in the step arena; a gradient of zeros beside them if the table is trainable
     */
    public PositionBias of(Memory memory, long tokens) {
        Check.argument(tokens <= maxTokens, "tokens must be at most %s, but are %s", maxTokens, tokens);
        long heads = table.value().size(1);
        INDArray values = memory.step().array(1, heads, tokens, tokens);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray byQuery = memory.scratch().array(tokens, tokens, heads);
            for (long query = 0; query < tokens; query++) {
                memory.ops().gather(table.value(), row(memory, tokens, query), keys(memory, byQuery, query));
            }
            memory.ops().copy(memory.permute(byQuery, 2, 0, 1), memory.reshape(values, heads, tokens, tokens));
        }
        INDArray gradient = null;
        if (table.trainable()) {
            gradient = memory.step().array(values.shape());
            memory.ops().zero(gradient);
        }
        return new PositionBias(values, gradient);
    }

    /**
     * The biases of one query to itself and all tokens before it.
     *
     * @param query its position
     * @return values [1, heads, 1, query + 1] in the step arena, frozen
     */
    public PositionBias ofNext(Memory memory, long query) {
        Check.argument(query < maxTokens, "query must be less than %s, but is %s", maxTokens, query);
        long heads = table.value().size(1);
        long keys = query + 1;
        INDArray values = memory.step().array(1, heads, 1, keys);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray byKey = memory.scratch().array(keys, heads);
            memory.ops().gather(table.value(), row(memory, keys, query), byKey);
            memory.ops().copy(memory.permute(byKey, 1, 0), memory.reshape(values, heads, keys));
        }
        return new PositionBias(values, null);
    }

    /** Adds the gradient that the layers left beside the biases to the table's, if it is trainable. */
    public void addGradient(Memory memory, PositionBias bias) {
        INDArray gradient = bias.gradient();
        if (!table.trainable() || gradient == null) {
            return;
        }
        long heads = gradient.size(1);
        long tokens = gradient.size(2);
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray byQuery = memory.scratch().array(tokens, tokens, heads);
            ops.copy(memory.permute(memory.reshape(gradient, heads, tokens, tokens), 1, 2, 0), byQuery);
            for (long query = 0; query < tokens; query++) {
                ops.scatterAdd(table.gradient(), row(memory, tokens, query), keys(memory, byQuery, query));
            }
        }
    }

    /** The buckets of a query's distances to so many keys. */
    private INDArray row(Memory memory, long keys, long query) {
        long from = maxTokens - 1 - query;
        return memory.slices(buckets, from, from + keys);
    }

    private static INDArray keys(Memory memory, INDArray byQuery, long query) {
        INDArray one = memory.slices(byQuery, query, query + 1);
        return memory.reshape(one, one.size(1), one.size(2));
    }

    /** Whether tokens see later ones. */
    public boolean bidirectional() {
        return bidirectional;
    }

    /** Where the last bucket begins. */
    public int maxDistance() {
        return maxDistance;
    }

    /** The table [buckets, heads]. */
    public List<Parameter> parameters() {
        return List.of(table);
    }

    /** Frees the buckets, but not the table. */
    @Override
    public void close() {
        buckets.close();
    }
}
