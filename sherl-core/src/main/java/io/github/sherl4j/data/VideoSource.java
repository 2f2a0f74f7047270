package io.github.sherl4j.data;

/** Videos by number, each a sequence of frames. All methods may be called from several threads at once. */
public interface VideoSource {
    /** The number of videos, at least 1. */
    int size();

    /**
     * What messages call a video.
     *
     * @param index 0 to size - 1
     */
    String name(int index);

    /**
     * The frames of a video in the order of time, decoded when they are asked for.
     *
     * @param index 0 to size - 1
     */
    ImageSource frames(int index);
}
