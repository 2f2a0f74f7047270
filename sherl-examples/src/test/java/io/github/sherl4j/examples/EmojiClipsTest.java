package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.data.Picture;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmojiClipsTest {
    @Test
    void eachEmojiMovesInTwoWays() throws IOException {
        EmojiData data = EmojiData.load();
        List<EmojiClips.Clip> clips = EmojiClips.of(data.train());
        assertThat(clips).hasSize(2 * data.train().size());
        for (int i = 0; i < clips.size(); i += 2) {
            assertThat(clips.get(i).emoji()).isEqualTo(clips.get(i + 1).emoji());
            assertThat(clips.get(i).motion()).isNotEqualTo(clips.get(i + 1).motion());
        }
        EmojiClips source = new EmojiClips(data, clips.subList(0, 40));
        assertThat(new HashSet<>(source.captions())).hasSize(40);
        assertThat(source.captions().get(0)).startsWith(clips.get(0).emoji().name() + " ");
    }

    @Test
    void framesAreTheSameEachTimeAndMove() throws IOException {
        EmojiData data = EmojiData.load();
        for (Motion motion : Motion.values()) {
            EmojiClips source = new EmojiClips(
                    data, List.of(new EmojiClips.Clip(data.train().get(3), motion)));
            byte[] early = frame(source, 0);
            assertThat(frame(source, 0)).as(motion.words()).isEqualTo(early);
            assertThat(frame(source, 5)).as(motion.words()).isNotEqualTo(early);
            assertThat(whiteShare(early)).as(motion.words()).isBetween(0.2, 0.99);
        }
    }

    @Test
    void aStillPictureIsInTheMiddle() throws IOException {
        EmojiData data = EmojiData.load();
        Picture still = new EmojiStills(data, data.train()).picture(3).orElseThrow();
        byte[] pixels = still.pixels();
        int row = 3 * EmojiData.SIDE;
        assertThat(Arrays.copyOf(pixels, 9 * row))
                .as("the upper margin is white")
                .containsOnly((byte) -1);
        assertThat(whiteShare(pixels)).isBetween(0.5, 0.95);
    }

    private static byte[] frame(EmojiClips source, int index) {
        return source.frames(0).picture(index).orElseThrow().pixels();
    }

    private static double whiteShare(byte[] pixels) {
        int white = 0;
        for (byte value : pixels) {
            white += value == -1 ? 1 : 0;
        }
        return (double) white / pixels.length;
    }
}
