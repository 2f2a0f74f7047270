package io.github.sherl4j.data;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A data set as tokens and class numbers, ready to be cut into batches as often as needed. It lives on the Java heap, in
 * arrays of ints: 8 bytes a token. Immutable, so safe for use by several threads at once.
 */
public final class TokenizedData implements LabelledSource<TokenBatch> {

    private final List<TokenizedText> texts;
    private final int[] lengths;
    private final int[] labels;

    private TokenizedData(List<TokenizedText> texts, int[] labels) {
        this.texts = List.copyOf(texts);
        this.lengths = texts.stream().mapToInt(TokenizedText::length).toArray();
        this.labels = labels;
    }

    /**
     * Tokenizes labelled texts.
     *
     * @param data the texts
     * @param tokenizer the model's tokenizer; stays open
     * @param labels the names of the model's classes, in their order, each once
     * @param maxLength how many tokens a text may have, special tokens included
     * @return the examples in the same order; a label has become its place in {@code labels}
     * @throws IllegalArgumentException if an example's label is none of {@code labels}, if one of these is there twice,
     *     or if {@code maxLength} is too small
     */
    public static TokenizedData of(TextData data, TextTokenizer tokenizer, List<String> labels, int maxLength) {
        int[] classes = classes(data, labels);
        return new TokenizedData(tokenizer.encodeAll(data.examples(), maxLength), classes);
    }

    /**
     * Takes texts that are tokenized already.
     *
     * @param texts at least one; the list is copied
     * @param labels the class of each text, or an empty array if there are none; copied
     * @return the examples in the same order
     * @throws IllegalArgumentException if there are no texts, not as many labels as texts, or a label is negative
     */
    public static TokenizedData of(List<TokenizedText> texts, int[] labels) {
        TokenBatch.requireMatching(texts, labels);
        return new TokenizedData(texts, labels.clone());
    }

    /**
     * Returns the number of examples.
     *
     * @return the number of examples, at least 1
     */
    @Override
    public int size() {
        return texts.size();
    }

    /**
     * Returns the length of the longest example.
     *
     * @return its number of tokens
     */
    public int longest() {
        return Arrays.stream(lengths).max().orElseThrow();
    }

    /**
     * Plans one epoch of training: examples are shuffled, those of similar length share a batch, and the batches come in
     * any order, but the first has the most tokens, and no other has more rows: memory that it needed is enough for all.
     *
     * @param batchSize how many examples a batch has; one batch can have fewer
     * @param seed equal seeds give equal plans; take another for each epoch
     * @return the indices of each batch's examples, for {@link #batch}; every example is in exactly one batch
     */
    @Override
    public List<int[]> plan(int batchSize, long seed) {
        return BatchPlan.shuffled(lengths, batchSize, seed);
    }

    /**
     * Plans inference: from the longest example to the shortest, so that little is padded.
     *
     * @param batchSize how many examples a batch has; the last can have fewer
     * @return the indices of each batch's examples, for {@link #batch}; every example is in exactly one batch
     */
    @Override
    public List<int[]> sequentialPlan(int batchSize) {
        return BatchPlan.byLength(lengths, batchSize);
    }

    @Override
    public long cost(int index) {
        requireIndex(index);
        return lengths[index];
    }

    /**
     * Makes one batch.
     *
     * @param indices which examples, at least one, not modified
     * @return the batch, its rows in the order of {@code indices}; closed by the caller
     * @throws IllegalArgumentException if there is no index, or one is out of range
     */
    @Override
    public TokenBatch batch(int[] indices) {
        for (int index : indices) {
            requireIndex(index);
        }
        int[] chosen = labels.length == 0
                ? labels
                : Arrays.stream(indices).map(index -> labels[index]).toArray();
        return TokenBatch.of(Arrays.stream(indices).mapToObj(texts::get).toList(), chosen);
    }

    /**
     * Returns the class of an example.
     *
     * @param index which example
     * @return its place in the list of labels
     * @throws IllegalArgumentException if the index is out of range
     * @throws IllegalStateException if these examples have no labels
     */
    @Override
    public int label(int index) {
        requireIndex(index);
        if (labels.length == 0) {
            throw new IllegalStateException("these examples have no labels");
        }
        return labels[index];
    }

    private void requireIndex(int index) {
        if (index < 0 || index >= size()) {
            throw new IllegalArgumentException("index is " + index + ": expected 0 to " + (size() - 1));
        }
    }

    private static int[] classes(TextData data, List<String> labels) {
        Map<String, Integer> places = new HashMap<>();
        for (String label : labels) {
            if (places.put(label, places.size()) != null) {
                throw new IllegalArgumentException("labels has \"" + label + "\" twice: expected each name once");
            }
        }
        int[] classes = new int[data.size()];
        for (int i = 0; i < classes.length; i++) {
            String label = data.label(i);
            Integer place = places.get(label);
            if (place == null) {
                throw new IllegalArgumentException("examples[" + i + "] has the label \"" + label
                        + "\": expected one of " + CsvReader.quoted(labels));
            }
            classes[i] = place;
        }
        return classes;
    }
}
