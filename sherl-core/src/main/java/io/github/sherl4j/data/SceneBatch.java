package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.List;

/**
 * Pictures, a text each, and where its phrases are.
 *
 * @param images pictures of one size, smaller ones padded at their right and lower edge; owned by the batch
 * @param sizes [batch][2], height and width of each picture without its padding; not to be modified
 * @param texts one a picture; owned by the batch
 * @param targets the boxes of each picture, relative to it without its padding
 */
@SuppressWarnings("ArrayRecordComponent") // lives for one step
public record SceneBatch(ImageBatch images, int[][] sizes, TokenBatch texts, List<List<Target>> targets)
        implements Batch {
    /** Checks that all are of one number. */
    public SceneBatch {
        targets = targets.stream().map(List::copyOf).toList();
        Check.argument(
                sizes.length == images.size() && texts.size() == images.size() && targets.size() == images.size(),
                "sizes, texts and targets must be those of %s pictures, but are of %s, %s and %s",
                images.size(),
                sizes.length,
                texts.size(),
                targets.size());
    }

    /**
     * A box and the tokens of its phrase.
     *
     * @param tokens places in the text; not to be modified
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one step
    public record Target(Box box, int[] tokens) {}

    @Override
    public int size() {
        return images.size();
    }

    /** Number of boxes of all pictures. */
    public int boxes() {
        return targets.stream().mapToInt(List::size).sum();
    }

    @Override
    public void close() {
        images.close();
        texts.close();
    }
}
