package io.github.sherl4j.data;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Tokenized texts padded to the length of the longest of them, as a model takes them. The arrays belong to the batch and
 * lie outside any workspace; {@link #close()} frees them at once.
 */
public final class TokenBatch implements KeyedBatch, LabelledBatch {

    /** The id and the type that fill up shorter texts; the mask hides them from the model. */
    private static final int PADDING = 0;

    private final List<TokenizedText> texts;
    private final INDArray ids;
    private final INDArray types;
    private final INDArray mask;
    private final INDArray largestIdTokens;
    private final @Nullable INDArray labelArray;
    private final int[] lengths;
    private final int[] labels;
    private final int tokens;
    private final int maxId;
    private final int maxType;
    private boolean closed;

    private TokenBatch(List<TokenizedText> texts, int[] labels) {
        this.texts = List.copyOf(texts);
        this.lengths = texts.stream().mapToInt(TokenizedText::length).toArray();
        this.labels = labels.clone();
        this.tokens = Arrays.stream(lengths).max().orElseThrow();
        this.maxId = texts.stream()
                .flatMapToInt(text -> Arrays.stream(text.ids()))
                .max()
                .orElseThrow();
        this.maxType = texts.stream()
                .flatMapToInt(text -> Arrays.stream(text.types()))
                .max()
                .orElseThrow();
        int[][] paddedIds = new int[lengths.length][];
        int[][] paddedTypes = new int[lengths.length][];
        int[] largest = new int[lengths.length];
        float[][] real = new float[lengths.length][tokens];
        for (int row = 0; row < lengths.length; row++) {
            TokenizedText text = texts.get(row);
            paddedIds[row] = padded(text.ids());
            paddedTypes[row] = padded(text.types());
            Arrays.fill(real[row], 0, text.length(), 1f);
            largest[row] = firstLargest(text.ids());
        }
        MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        try {
            this.ids = Nd4j.createFromArray(paddedIds);
            this.types = Nd4j.createFromArray(paddedTypes);
            this.mask = Nd4j.createFromArray(real);
            this.largestIdTokens = Nd4j.createFromArray(largest);
            this.labelArray = labels.length == 0 ? null : Nd4j.createFromArray(labels);
        } finally {
            outside.close();
        }
    }

    /**
     * Pads texts to one length.
     *
     * @param texts at least one, not modified
     * @param labels the class of each text, or an empty array if there are none; copied
     * @return the batch, closed by the caller
     * @throws IllegalArgumentException if there are no texts, not as many labels as texts, or a label is negative
     */
    public static TokenBatch of(List<TokenizedText> texts, int[] labels) {
        requireMatching(texts, labels);
        return new TokenBatch(texts, labels);
    }

    static void requireMatching(List<TokenizedText> texts, int[] labels) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("texts is empty: expected at least one");
        }
        if (labels.length != 0 && labels.length != texts.size()) {
            throw new IllegalArgumentException(
                    "labels has " + labels.length + " entries: expected none, or one per text, " + texts.size());
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0) {
                throw new IllegalArgumentException("labels[" + i + "] is " + labels[i] + ": expected 0 or more");
            }
        }
    }

    /**
     * Returns the token ids.
     *
     * @return INT32 {@code [batch, tokens]}, 0 as padding; owned by this batch
     */
    public INDArray ids() {
        return open(ids);
    }

    /**
     * Returns the segment of each token.
     *
     * @return INT32 {@code [batch, tokens]}, 0 for the first text, 1 for its pair, 0 as padding; owned by this batch
     */
    public INDArray types() {
        return open(types);
    }

    /**
     * Returns which tokens are real.
     *
     * @return FLOAT {@code [batch, tokens]}, 1 for a token and 0 for padding; owned by this batch
     */
    public INDArray mask() {
        return open(mask);
    }

    /** Returns the tokens of each text, without padding. */
    @Override
    public List<TokenizedText> keys() {
        return texts;
    }

    /**
     * Returns where each text has its largest id, the first one if it is there twice: networks whose end-of-text token is
     * the last of the vocabulary read a text's meaning there.
     *
     * @return INT32 {@code [batch]}, the index of a token in each text; owned by this batch
     */
    public INDArray largestIdTokens() {
        return open(largestIdTokens);
    }

    /**
     * Returns how many tokens each text has.
     *
     * @return a copy {@code [batch]}
     */
    @Override
    public int[] lengths() {
        return lengths.clone();
    }

    /**
     * Returns the class of each text.
     *
     * @return a copy {@code [batch]}, empty if there are none
     */
    @Override
    public int[] labels() {
        return labels.clone();
    }

    @Override
    public INDArray labelArray() {
        if (labelArray == null) {
            throw new IllegalStateException("this batch has no labels");
        }
        return open(labelArray);
    }

    /**
     * Returns the largest token id.
     *
     * @return the largest token id
     */
    public int maxId() {
        return maxId;
    }

    /**
     * Returns the largest segment.
     *
     * @return the largest segment number, 0 if there are no pairs
     */
    public int maxType() {
        return maxType;
    }

    /**
     * Returns the number of texts.
     *
     * @return the number of texts, at least 1
     */
    @Override
    public int size() {
        return lengths.length;
    }

    /**
     * Returns the number of tokens after padding.
     *
     * @return the length of the longest text
     */
    public int tokens() {
        return tokens;
    }

    /** Frees the arrays. Closing twice does nothing; asking for an array afterwards throws. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            ids.close();
            types.close();
            mask.close();
            largestIdTokens.close();
            if (labelArray != null) {
                labelArray.close();
            }
        }
    }

    private INDArray open(INDArray array) {
        if (closed) {
            throw new IllegalStateException("this batch is closed");
        }
        return array;
    }

    private static int firstLargest(int[] ids) {
        int largest = 0;
        for (int i = 1; i < ids.length; i++) {
            largest = ids[i] > ids[largest] ? i : largest;
        }
        return largest;
    }

    private int[] padded(int[] values) {
        int[] row = Arrays.copyOf(values, tokens);
        Arrays.fill(row, values.length, tokens, PADDING);
        return row;
    }
}
