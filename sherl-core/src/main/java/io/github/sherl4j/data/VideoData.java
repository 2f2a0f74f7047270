package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Videos as batches of frames, of which each video gives at most so many, sampled uniformly from the first to the last, and
 * all of them if it has no more. The place of a damaged frame is taken by the next one of the same video that can be decoded.
 */
public final class VideoData implements BatchSource<VideoBatch> {
    private final VideoSource source;
    private final ImageTransform transform;
    private final int mostFrames;
    private final int[] lengths;

    private VideoData(VideoSource source, ImageTransform transform, int mostFrames) {
        this.source = source;
        this.transform = transform;
        this.mostFrames = mostFrames;
        this.lengths = IntStream.range(0, source.size())
                .map(i -> Math.min(source.frames(i).size(), mostFrames))
                .toArray();
    }

    /**
     * All videos of a source.
     *
     * @param transform from frames to numbers
     * @param mostFrames of each video, 12 as published
     */
    public static VideoData of(VideoSource source, ImageTransform transform, int mostFrames) {
        Check.argument(mostFrames >= 1, "mostFrames must be at least 1, but is %s", mostFrames);
        return new VideoData(source, transform, mostFrames);
    }

    /**
     * Places from the first to the last, evenly spread and rounded down.
     *
     * @param frames how many there are
     * @param most how many are wanted
     * @return ascending, all if there are no more than wanted; a single one is the first
     */
    static int[] uniform(int frames, int most) {
        if (frames <= most) {
            return IntStream.range(0, frames).toArray();
        }
        return IntStream.range(0, most)
                .map(i -> most == 1 ? 0 : (int) ((long) i * (frames - 1) / (most - 1)))
                .toArray();
    }

    @Override
    public int size() {
        return lengths.length;
    }

    /** Videos in random order; those with about as many frames share a batch, and the first batch has the most. */
    @Override
    public List<int[]> plan(int batchSize, long seed) {
        return BatchPlan.shuffled(lengths, batchSize, seed);
    }

    /** The number of frames. */
    @Override
    public long cost(int index) {
        return lengths[index];
    }

    /** @throws IllegalArgumentException if none of a video's frames can be decoded */
    @Override
    public VideoBatch batch(int[] indices) {
        List<Frame> frames = new ArrayList<>();
        for (int index : indices) {
            Check.argument(
                    index >= 0 && index < size(), "indices must be from 0 to %s, but have %s", size() - 1, index);
            for (int place : uniform(source.frames(index).size(), mostFrames)) {
                frames.add(new Frame(this, index, place));
            }
        }
        ImageBatch pictures =
                transform.batch(frames.size(), row -> picture(frames.get(row))).withKeys(frames);
        try {
            return VideoBatch.of(
                    pictures, Arrays.stream(indices).map(i -> lengths[i]).toArray());
        } catch (RuntimeException e) {
            pictures.close();
            throw e;
        }
    }

    /** A frame of these videos, which never change, so it is its own key. */
    private record Frame(VideoData data, int video, int place) {}

    private Picture picture(Frame frame) {
        ImageSource frames = source.frames(frame.video);
        for (int step = 0; step < frames.size(); step++) {
            Optional<Picture> picture = frames.picture((frame.place + step) % frames.size());
            if (picture.isPresent()) {
                return picture.get();
            }
        }
        throw new IllegalArgumentException("%s: none of the %s frames of this video can be decoded"
                .formatted(source.name(frame.video), frames.size()));
    }
}
