package io.github.sherl4j.examples;

import io.github.sherl4j.data.Captions;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PairData;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.data.VideoBatch;
import io.github.sherl4j.data.VideoData;
import io.github.sherl4j.data.VideoSource;

/**
 * Videos and their captions as a network reads them.
 *
 * @param videoOfText for each text its video; not modified
 */
@SuppressWarnings("ArrayRecordComponent")
record VideoTask(VideoData videos, TokenizedData texts, int[] videoOfText) {
    /** How a network reads videos and texts. */
    record Reading(ImageTransform transform, int frames, TextTokenizer tokenizer, int mostTokens) {}

    /** @param videos those that the captions name, in that order */
    static VideoTask of(VideoSource videos, Captions captions, Reading reading) {
        return new VideoTask(
                VideoData.of(videos, reading.transform, reading.frames),
                captions.tokenize(reading.tokenizer, reading.mostTokens),
                captions.owners());
    }

    PairData<VideoBatch, TokenBatch> pairs() {
        return PairData.of(videos, texts, videoOfText);
    }
}
