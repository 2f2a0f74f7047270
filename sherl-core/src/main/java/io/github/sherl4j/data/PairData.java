package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Images (or videos) and their texts as matching pairs for two-tower training. Each text is one pair; an image may have
 * several texts, which are kept out of one batch where that is possible, since they would be each other's wrong negatives.
 *
 * @param <I> a batch of images
 * @param <T> a batch of texts
 */
public final class PairData<I extends Batch, T extends Batch> implements BatchSource<PairBatch<I, T>> {
    private final BatchSource<I> images;
    private final BatchSource<T> texts;
    private final int[] imageOfText;
    private final int imagePart;
    private final int textPart;

    private PairData(BatchSource<I> images, BatchSource<T> texts, int[] imageOfText, int imagePart, int textPart) {
        this.images = images;
        this.texts = texts;
        this.imageOfText = imageOfText;
        this.imagePart = imagePart;
        this.textPart = textPart;
    }

    /**
     * Pairs whose batches are not parted.
     *
     * @param imageOfText for each text the index of its image; copied
     */
    public static <I extends Batch, T extends Batch> PairData<I, T> of(
            BatchSource<I> images, BatchSource<T> texts, int[] imageOfText) {
        Check.argument(
                imageOfText.length == texts.size(),
                "imageOfText must have one image for each of %s texts, but has %s",
                texts.size(),
                imageOfText.length);
        Check.argument(imageOfText.length >= 2, "texts must be at least 2, but are %s", imageOfText.length);
        for (int i = 0; i < imageOfText.length; i++) {
            Check.argument(
                    imageOfText[i] >= 0 && imageOfText[i] < images.size(),
                    "imageOfText must have indices from 0 to %s, but has %s for text %s",
                    images.size() - 1,
                    imageOfText[i],
                    i);
        }
        return new PairData<>(images, texts, imageOfText.clone(), Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /** The same pairs, of whose batches so many images and texts are computed at once. */
    public PairData<I, T> withParts(int newImagePart, int newTextPart) {
        Check.argument(newImagePart >= 1, "newImagePart must be at least 1, but is %s", newImagePart);
        Check.argument(newTextPart >= 1, "newTextPart must be at least 1, but is %s", newTextPart);
        return new PairData<>(images, texts, imageOfText, newImagePart, newTextPart);
    }

    /** Number of pairs. */
    @Override
    public int size() {
        return imageOfText.length;
    }

    /**
     * Plans one pass in random order: each pair once, in batches of nearly equal size, the one that needs the most memory
     * first.
     *
     * @param batchSize most pairs in a batch, at least 2; exceeded by one only where a batch would have a single pair, which
     *     has no negatives
     * @param seed equal seeds give equal plans
     */
    @Override
    public List<int[]> plan(int batchSize, long seed) {
        Check.argument(
                batchSize >= 2,
                "batchSize must be at least 2, since a single pair has no negatives, but is %s",
                batchSize);
        int batches = Math.min((size() + batchSize - 1) / batchSize, size() / 2);
        List<Integer> order = new ArrayList<>(IntStream.range(0, size()).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        List<List<Integer>> filled = new ArrayList<>();
        List<BitSet> taken = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            filled.add(new ArrayList<>());
            taken.add(new BitSet());
        }
        int next = 0;
        for (int pair : order) {
            int batch = place(filled, taken, imageOfText[pair], next);
            filled.get(batch).add(pair);
            taken.get(batch).set(imageOfText[pair]);
            next = (batch + 1) % batches;
        }
        List<int[]> plan = new ArrayList<>(filled.stream()
                .map(batch -> batch.stream().mapToInt(Integer::intValue).toArray())
                .toList());
        Collections.swap(plan, 0, largest(plan));
        return plan;
    }

    /** The first batch from {@code next} on that has room and not this image yet, or else has room. */
    private int place(List<List<Integer>> filled, List<BitSet> taken, int image, int next) {
        int room = (size() + filled.size() - 1) / filled.size();
        int any = -1;
        for (int i = 0; i < filled.size(); i++) {
            int batch = (next + i) % filled.size();
            if (filled.get(batch).size() < room) {
                if (!taken.get(batch).get(image)) {
                    return batch;
                }
                any = any < 0 ? batch : any;
            }
        }
        return any;
    }

    private int largest(List<int[]> plan) {
        int largest = 0;
        for (int i = 1; i < plan.size(); i++) {
            largest = cost(plan.get(i)) > cost(plan.get(largest)) ? i : largest;
        }
        return largest;
    }

    private long cost(int[] pairs) {
        return pairs.length * Arrays.stream(pairs).mapToLong(texts::cost).max().orElse(0);
    }

    @Override
    public PairBatch<I, T> batch(int[] indices) {
        int[] imageIndices = Arrays.stream(indices).map(i -> imageOfText[i]).toArray();
        List<I> imageParts = parts(images, imageIndices, imagePart);
        try {
            return new PairBatch<>(imageParts, parts(texts, indices, textPart));
        } catch (RuntimeException e) {
            imageParts.forEach(Batch::close);
            throw e;
        }
    }

    private static <B extends Batch> List<B> parts(BatchSource<B> source, int[] indices, int part) {
        List<B> parts = new ArrayList<>();
        try {
            for (int from = 0; from < indices.length; ) {
                int to = from + Math.min(part, indices.length - from);
                parts.add(source.batch(Arrays.copyOfRange(indices, from, to)));
                from = to;
            }
            return parts;
        } catch (RuntimeException e) {
            parts.forEach(Batch::close);
            throw e;
        }
    }
}
