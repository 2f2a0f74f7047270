package io.github.sherl4j.metric;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Retrieval between images and texts, where several texts may belong to an image. The rank of a query is that of its best
 * right answer among the wrong ones: 1 and the number of wrong candidates that are at least as similar. So ties, and
 * similarities that are no numbers, count against the model. An image to which no text belongs is a candidate, but no query.
 *
 * @param imageToText images as queries, texts as candidates
 * @param textToImage texts as queries, images as candidates
 */
public record RetrievalMetrics(RankMetrics imageToText, RankMetrics textToImage) {
    /** Similarities are computed and looked at in blocks of queries of at most this size. */
    private static final long BLOCK_BYTES = 16L << 20;

    /** Recall at 1, 5 and 10 both ways, added: 600 at best. */
    public double recallSum() {
        return imageToText.recallSum() + textToImage.recallSum();
    }

    /**
     * From embeddings, of which the products are the similarities. There is never more than a block of them.
     *
     * @param images [images, embed], not modified
     * @param texts [texts, embed], not modified
     * @param imageOfText the image that each text belongs to, by its row
     */
    public static RetrievalMetrics ofEmbeddings(INDArray images, INDArray texts, int[] imageOfText) {
        return ofEmbeddings(images, texts, imageOfText, BLOCK_BYTES);
    }

    static RetrievalMetrics ofEmbeddings(INDArray images, INDArray texts, int[] imageOfText, long blockBytes) {
        Check.shape("images", images, Check.ANY, Check.ANY);
        Check.shape("texts", texts, Check.ANY, images.size(1));
        Rows byImage = (memory, from, to, block) ->
                memory.ops().product(memory.slices(images, from, to), texts, block, false, true, 1, 0);
        Rows byText = (memory, from, to, block) ->
                memory.ops().product(memory.slices(texts, from, to), images, block, false, true, 1, 0);
        return of(byImage, byText, images, images.size(0), texts.size(0), imageOfText, blockBytes);
    }

    /**
     * From similarities.
     *
     * @param similarities [images, texts], the larger the more similar; not modified
     * @param imageOfText the image that each text belongs to, by its row
     */
    public static RetrievalMetrics ofSimilarities(INDArray similarities, int[] imageOfText) {
        return ofSimilarities(similarities, imageOfText, BLOCK_BYTES);
    }

    static RetrievalMetrics ofSimilarities(INDArray similarities, int[] imageOfText, long blockBytes) {
        Check.shape("similarities", similarities, Check.ANY, Check.ANY);
        INDArray transposed = similarities.permute(1, 0);
        Rows byImage = (memory, from, to, block) -> memory.ops().copy(memory.slices(similarities, from, to), block);
        Rows byText = (memory, from, to, block) -> memory.ops().copy(memory.slices(transposed, from, to), block);
        return of(byImage, byText, similarities, similarities.size(0), similarities.size(1), imageOfText, blockBytes);
    }

    /** The similarities of some queries with all candidates. */
    private interface Rows {
        /** Queries {@code from} (inclusive) to {@code to} (exclusive) into a block [queries, candidates]. */
        void compute(Memory memory, long from, long to, INDArray block);
    }

    private static RetrievalMetrics of(
            Rows byImage, Rows byText, INDArray typed, long images, long texts, int[] imageOfText, long blockBytes) {
        checkTruth(imageOfText, images, texts);
        int[][] textsOfImage = textsOfImage(imageOfText, (int) images);
        int[][] imagesOfText = new int[imageOfText.length][];
        Arrays.setAll(imagesOfText, text -> new int[] {imageOfText[text]});
        try (Memory memory = new Memory(typed.dataType())) {
            int[] imageRanks = ranks(memory, byImage, textsOfImage, texts, blockBytes);
            int[] textRanks = ranks(memory, byText, imagesOfText, images, blockBytes);
            return new RetrievalMetrics(RankMetrics.of(imageRanks), RankMetrics.of(textRanks));
        }
    }

    private static void checkTruth(int[] imageOfText, long images, long texts) {
        Check.argument(
                imageOfText.length == texts,
                "imageOfText must have %s entries, one per text, but has %s",
                texts,
                imageOfText.length);
        for (int text = 0; text < imageOfText.length; text++) {
            Check.argument(
                    imageOfText[text] >= 0 && imageOfText[text] < images,
                    "imageOfText must be rows of images from 0 to %s, but that of text %s is %s",
                    images - 1,
                    text,
                    imageOfText[text]);
        }
    }

    private static int[][] textsOfImage(int[] imageOfText, int images) {
        int[] counts = new int[images];
        for (int image : imageOfText) {
            counts[image]++;
        }
        int[][] texts = new int[images][];
        Arrays.setAll(texts, image -> new int[counts[image]]);
        for (int text = imageOfText.length - 1; text >= 0; text--) {
            int image = imageOfText[text];
            texts[image][--counts[image]] = text;
        }
        return texts;
    }

    /** The rank of each query that has a right answer. */
    private static int[] ranks(Memory memory, Rows rows, int[][] rightOfQuery, long candidates, long blockBytes) {
        int[] ranks = new int[rightOfQuery.length];
        int queries = 0;
        long blockRows = Math.max(1, blockBytes / (candidates * memory.type().width()));
        for (long from = 0; from < rightOfQuery.length; from += blockRows) {
            long to = Math.min(rightOfQuery.length, from + blockRows);
            memory.reset();
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray block = memory.scratch().array(to - from, candidates);
                rows.compute(memory, from, to, block);
                for (long query = from; query < to; query++) {
                    int[] right = rightOfQuery[(int) query];
                    if (right.length > 0) {
                        ranks[queries++] = rank(block.data(), (query - from) * candidates, candidates, right);
                    }
                }
            }
        }
        return Arrays.copyOf(ranks, queries);
    }

    private static int rank(DataBuffer similarities, long start, long candidates, int[] right) {
        double best = Double.NEGATIVE_INFINITY;
        for (int candidate : right) {
            best = Math.max(best, similarities.getDouble(start + candidate)); // NaN if one is
        }
        int rank = 1;
        int nextRight = 0;
        for (int candidate = 0; candidate < candidates; candidate++) {
            if (nextRight < right.length && right[nextRight] == candidate) {
                nextRight++;
            } else if (!(similarities.getDouble(start + candidate) < best)) {
                rank++;
            }
        }
        return rank;
    }
}
