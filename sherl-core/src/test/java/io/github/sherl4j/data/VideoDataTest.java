package io.github.sherl4j.data;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

class VideoDataTest {
    private static final ImageTransform TRANSFORM = ImageTransform.square(1, PixelNorm.NONE);

    @TempDir
    Path folder;

    @Test
    void samplesFromTheFirstToTheLast() {
        assertThat(VideoData.uniform(3, 4)).containsExactly(0, 1, 2);
        assertThat(VideoData.uniform(4, 4)).containsExactly(0, 1, 2, 3);
        assertThat(VideoData.uniform(10, 4)).containsExactly(0, 3, 6, 9);
        assertThat(VideoData.uniform(11, 4)).containsExactly(0, 3, 6, 10);
        assertThat(VideoData.uniform(9, 1)).containsExactly(0);
    }

    @Test
    void framesOfEachVideoFollowEachOtherAndShareItsMean() throws IOException {
        video("long", 0, 10, 20, 30, 40);
        video("short", 200);
        VideoData data = data(3, "short", "long");

        try (VideoBatch batch = data.batch(new int[] {1, 0})) {
            assertThat(batch.size()).isEqualTo(2);
            assertThat(batch.frameCounts()).containsExactly(3, 1);
            assertThat(reds(batch.frames())).containsExactly(0, 20, 40, 200);
            float third = 1f / 3;
            assertThat(numbers(batch.shares())).containsExactly(third, third, third, 0, 0, 0, 0, 1);
            assertThat(batch.keys()).hasSize(4).doesNotHaveDuplicates();
            try (VideoBatch again = data.batch(new int[] {0, 1})) {
                assertThat(again.keys().get(0)).isEqualTo(batch.keys().get(3));
            }
        }
        assertThat(data.cost(0)).isEqualTo(1);
        assertThat(data.cost(1)).isEqualTo(3);
    }

    @Test
    void theBatchWithTheMostFramesComesFirst() throws IOException {
        video("a", 1);
        video("b", 1, 2);
        video("c", 1, 2, 3);
        List<int[]> plan = data(9, "a", "b", "c").plan(1, 4);
        assertThat(plan.get(0)).containsExactly(2);
        assertThat(plan.stream().flatMapToInt(Arrays::stream)).containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void theNextFrameTakesThePlaceOfADamagedOne() throws IOException {
        video("clip", 10, 20, 30);
        Files.write(folder.resolve("clip/1.png"), new byte[] {1});
        try (VideoBatch batch = data(3, "clip").batch(new int[] {0})) {
            assertThat(reds(batch.frames())).containsExactly(10, 30, 30);
        }
        for (String frame : List.of("0", "2")) {
            Files.write(folder.resolve("clip/" + frame + ".png"), new byte[] {1});
        }
        VideoData damaged = data(2, "clip");
        assertThatThrownBy(() -> damaged.batch(new int[] {0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("clip: none of the 3 frames of this video can be decoded");
    }

    @Test
    void refusesWhatIsNotThere() throws IOException {
        video("clip", 10);
        assertThatThrownBy(() -> VideoFolder.open(folder, List.of("clip", "none")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(folder.resolve("none") + ": there is no such folder of frames for the video \"none\"");
        Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> VideoFolder.open(folder, List.of("empty")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(folder.resolve("empty") + ": holds no pictures");
        assertThatThrownBy(() -> VideoFolder.open(folder, List.of()))
                .hasMessage("videos must be at least one, but are none");
        VideoData data = data(1, "clip");
        assertThatThrownBy(() -> data.batch(new int[] {1})).hasMessage("indices must be from 0 to 0, but have 1");
        assertThatThrownBy(() -> data(0, "clip")).hasMessage("mostFrames must be at least 1, but is 0");
    }

    @Test
    void aBatchRefusesCountsThatDoNotFit() {
        try (ImageBatch frames = ImageBatch.of(TestArrays.normal(DataType.FLOAT, 1, 3, 1, 1, 3), new int[0])) {
            assertThatThrownBy(() -> VideoBatch.of(frames, new int[] {1, 1}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("frameCounts must add up to the 3 frames, but add up to 2");
            assertThatThrownBy(() -> VideoBatch.of(frames, new int[] {3, 0}))
                    .hasMessage("frameCounts must be positive, but video 1 has 0");
            assertThatThrownBy(() -> VideoBatch.of(frames, new int[0]))
                    .hasMessage("frameCounts must be of at least one video, but is empty");
        }
    }

    private VideoData data(int most, String... names) throws IOException {
        return VideoData.of(VideoFolder.open(folder, List.of(names)), TRANSFORM, most);
    }

    /** Frames of one pixel, each of a red of its own. */
    private void video(String name, int... reds) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        for (int i = 0; i < reds.length; i++) {
            Files.write(own.resolve(i + ".png"), Pictures.encoded("png", Pictures.pixel(reds[i] << 16)));
        }
    }

    private static int[] reds(ImageBatch frames) {
        double[] pixels = numbers(frames.pixels());
        int[] reds = new int[frames.size()];
        Arrays.setAll(reds, i -> (int) Math.round(255 * pixels[3 * i]));
        return reds;
    }
}
