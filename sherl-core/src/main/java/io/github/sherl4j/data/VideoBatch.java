package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Videos as the frames that were sampled from them: one batch of pictures, in which the frames of each video follow each other.
 * Videos may have different numbers of frames; there are no frames that only fill up.
 */
public final class VideoBatch implements Batch, KeyedBatch {
    private final ImageBatch frames;
    private final int[] frameCounts;
    private final INDArray shares;

    private VideoBatch(ImageBatch frames, int[] frameCounts) {
        this.frames = frames;
        this.frameCounts = frameCounts;
        float[][] rows = new float[frameCounts.length][frames.size()];
        int from = 0;
        for (int i = 0; i < rows.length; i++) {
            int to = from + frameCounts[i];
            Arrays.fill(rows[i], from, to, 1f / frameCounts[i]);
            from = to;
        }
        this.shares = Nd4j.createFromArray(rows);
    }

    /**
     * A batch.
     *
     * @param frames all frames, video by video; owned by the batch from now on
     * @param frameCounts how many of them each video has, at least 1; copied
     */
    public static VideoBatch of(ImageBatch frames, int[] frameCounts) {
        Check.argument(frameCounts.length > 0, "frameCounts must be of at least one video, but is empty");
        for (int i = 0; i < frameCounts.length; i++) {
            Check.argument(frameCounts[i] >= 1, "frameCounts must be positive, but video %s has %s", i, frameCounts[i]);
        }
        int all = Arrays.stream(frameCounts).sum();
        Check.argument(
                all == frames.size(), "frameCounts must add up to the %s frames, but add up to %s", frames.size(), all);
        return new VideoBatch(frames, frameCounts.clone());
    }

    /** All frames, owned by this batch. */
    public ImageBatch frames() {
        return frames;
    }

    /** How many frames each video has; a copy. */
    public int[] frameCounts() {
        return frameCounts.clone();
    }

    /**
     * Each frame's share in the mean of its video.
     *
     * @return [videos, frames], 1 / (frames of the video) for its own frames and 0 for others; owned by this batch
     */
    public INDArray shares() {
        return shares;
    }

    /** Number of videos. */
    @Override
    public int size() {
        return frameCounts.length;
    }

    /** Those of the frames. */
    @Override
    public List<?> keys() {
        return frames.keys();
    }

    /** Those of the frames. */
    @Override
    public int[] lengths() {
        return frames.lengths();
    }

    /** Frees the arrays. */
    @Override
    public void close() {
        frames.close();
        shares.close();
    }
}
