package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Pictures as training or validation data of a network: some pictures of a source, each transformed in the same way every
 * time. Decoding happens when a batch is asked for. Safe for use by several threads.
 *
 * <p>A damaged picture among labelled ones is passed over: the next one, with its own label, takes its place, and training goes
 * on. A damaged picture that a text belongs to is refused by its name, since another one would be a wrong pair.
 */
public final class ImageData implements LabelledSource<ImageBatch> {
    private final ImageSource source;
    private final ImageTransform transform;
    private final int[] indices;
    private final boolean paired;

    private ImageData(ImageSource source, ImageTransform transform, int[] indices, boolean paired) {
        this.source = source;
        this.transform = transform;
        this.indices = indices;
        this.paired = paired;
    }

    /**
     * All pictures of a source, labelled.
     *
     * @throws IllegalArgumentException if one has no label
     */
    public static ImageData of(ImageSource source, ImageTransform transform) {
        int[] all = IntStream.range(0, source.size()).toArray();
        for (int index : all) {
            Check.argument(
                    source.label(index) != Picture.NO_LABEL,
                    "%s has no label: expected every picture in a folder of its class",
                    source.name(index));
        }
        return new ImageData(source, transform, all, false);
    }

    /** All pictures of a source, with or without labels, each of which belongs to a text. */
    public static ImageData paired(ImageSource source, ImageTransform transform) {
        return new ImageData(
                source, transform, IntStream.range(0, source.size()).toArray(), true);
    }

    /** The names of the classes, in the order of their numbers. */
    public List<String> labels() {
        return source.labels();
    }

    @Override
    public int label(int index) {
        return source.label(sourceIndex(index));
    }

    /**
     * The picture of an example as it is, not transformed; in the place of a damaged one the next of these examples.
     *
     * @throws IllegalArgumentException if no picture, or one that a text belongs to, cannot be decoded
     */
    public Picture picture(int example) {
        int index = sourceIndex(example);
        if (!paired) {
            return source.firstReadable(indices, example);
        }
        return source.picture(index)
                .orElseThrow(() -> new IllegalArgumentException(
                        source.name(index) + " cannot be decoded: expected a picture, since a text belongs to it"));
    }

    /** What becomes of each picture. */
    public ImageTransform transform() {
        return transform;
    }

    @Override
    public int size() {
        return indices.length;
    }

    /**
     * Plans an epoch: the pictures in random order, cut into batches, of which the last may be smaller.
     *
     * @param batchSize pictures in a batch
     * @param seed equal seeds give equal plans
     * @return indices of examples, one array a batch
     */
    @Override
    public List<int[]> plan(int batchSize, long seed) {
        int[] order = IntStream.range(0, size()).toArray();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        return cut(order, batchSize);
    }

    private static List<int[]> cut(int[] order, int batchSize) {
        Check.argument(batchSize >= 1, "batchSize must be at least 1, but is %s", batchSize);
        List<int[]> plan = new ArrayList<>();
        for (int from = 0; from < order.length; from += Math.min(batchSize, order.length - from)) {
            plan.add(Arrays.copyOfRange(order, from, from + Math.min(batchSize, order.length - from)));
        }
        return plan;
    }

    /**
     * Decodes and transforms some pictures, with keys for a cache of states. In the place of a damaged one comes the next of
     * these examples.
     *
     * @throws IllegalArgumentException if no picture, or one that a text belongs to, cannot be decoded
     */
    @Override
    public ImageBatch batch(int[] examples) {
        Arrays.stream(examples).forEach(this::sourceIndex);
        return transform
                .batch(examples.length, row -> picture(examples[row]))
                .withKeys(Arrays.stream(examples)
                        .mapToObj(example -> new Key(this, example))
                        .toList());
    }

    /** These pictures and their transform never change, so place and data set tell a picture. */
    private record Key(ImageData data, int example) {}

    /**
     * Draws a smaller set by chance, in which every class keeps its share as nearly as whole numbers allow.
     *
     * @param count how many to keep, at least 1
     * @param seed equal seeds draw equal pictures
     */
    public ImageData limit(int count, long seed) {
        Check.argument(count >= 1, "count must be at least 1, but is %s", count);
        return count >= size() ? this : pick(draw(count, seed));
    }

    /**
     * Divides the pictures by chance into two sets, in which every class keeps its share as nearly as whole numbers allow.
     *
     * @param share the first set's share, between 0 and 1
     * @param seed equal seeds give equal sets
     * @return the two sets, none of them empty
     */
    public Split split(double share, long seed) {
        int count = (int) Math.round(share * size());
        Check.argument(
                share > 0 && share < 1 && count > 0 && count < size(),
                "share must leave a picture for either set, but is %s of %s pictures",
                share,
                size());
        BitSet first = draw(count, seed);
        BitSet second = new BitSet();
        second.set(0, size());
        second.andNot(first);
        return new Split(pick(first), pick(second));
    }

    private BitSet draw(int count, long seed) {
        List<String> labelOfEach = Arrays.stream(indices)
                .mapToObj(index -> source.label(index) == Picture.NO_LABEL
                        ? ""
                        : source.labels().get(source.label(index)))
                .toList();
        return Stratified.draw(labelOfEach, count, seed);
    }

    private ImageData pick(BitSet examples) {
        return new ImageData(
                source, transform, examples.stream().map(this::sourceIndex).toArray(), paired);
    }

    private int sourceIndex(int example) {
        Check.argument(
                example >= 0 && example < indices.length,
                "index must be 0 to %s, but is %s",
                indices.length - 1,
                example);
        return indices[example];
    }

    /**
     * Two sets that have no picture in common.
     *
     * @param first the set with the share that was asked for
     * @param second all others
     */
    public record Split(ImageData first, ImageData second) {}
}
