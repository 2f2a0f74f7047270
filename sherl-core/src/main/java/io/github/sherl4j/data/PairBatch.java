package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.List;

/**
 * Matching pairs of images (or videos) and texts: image i, counted over all image parts, belongs to text i, counted over all
 * text parts. A part is what is computed at once, so smaller parts take less memory.
 *
 * @param images parts of the one side, in order; owned by the batch
 * @param texts parts of the other side, in order; owned by the batch
 * @param <I> a batch of images
 * @param <T> a batch of texts
 */
public record PairBatch<I extends Batch, T extends Batch>(List<I> images, List<T> texts) implements Batch {
    /** Copies the lists. */
    public PairBatch {
        images = List.copyOf(images);
        texts = List.copyOf(texts);
        Check.argument(
                count(images) == count(texts),
                "texts must be as many as the %s images, but are %s",
                count(images),
                count(texts));
    }

    @Override
    public int size() {
        return count(images);
    }

    private static int count(List<? extends Batch> parts) {
        return parts.stream().mapToInt(Batch::size).sum();
    }

    @Override
    public void close() {
        images.forEach(Batch::close);
        texts.forEach(Batch::close);
    }
}
