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
 * @param meanBoxes boxes a picture, which losses are divided by; positive. Those of the whole where this is a part of a batch, so that
 *     the parts' losses, weighed by their pictures, add up to the batch's
 */
@SuppressWarnings("ArrayRecordComponent") // lives for one step
public record SceneBatch(
        ImageBatch images, int[][] sizes, TokenBatch texts, List<List<Target>> targets, double meanBoxes)
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
        Check.argument(meanBoxes > 0 && Double.isFinite(meanBoxes), "meanBoxes must be positive, but is %s", meanBoxes);
    }

    /** A batch that is no part of another one. */
    public SceneBatch(ImageBatch images, int[][] sizes, TokenBatch texts, List<List<Target>> targets) {
        this(
                images,
                sizes,
                texts,
                targets,
                meanBoxes(targets.stream().mapToInt(List::size).sum(), targets.size()));
    }

    /** Boxes a picture; without any box, as if there were one in all. */
    static double meanBoxes(int boxes, int pictures) {
        return Math.max(1, boxes) / (double) Math.max(1, pictures);
    }

    /**
     * A box and the tokens of its phrase.
     *
     * @param tokens places in the text; not to be modified
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one step
    public record Target(Box box, int[] tokens) {}

    /** Number of boxes of all pictures. */
    public int boxes() {
        return targets.stream().mapToInt(List::size).sum();
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public void close() {
        images.close();
        texts.close();
    }
}
