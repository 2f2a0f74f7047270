package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.nd.MemoryMeter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDataTest {
    @TempDir
    Path folder;

    private final ImageTransform transform = ImageTransform.square(2, PixelNorm.NONE);

    @Test
    void aPlanHasEveryPictureOnce() throws IOException {
        ImageData data = data(7, 3);
        List<int[]> plan = data.plan(4, 1);
        assertThat(plan).extracting(batch -> batch.length).containsExactly(4, 4, 2);
        assertThat(plan.stream().flatMapToInt(Arrays::stream).sorted()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(data.plan(4, 1).get(0)).isEqualTo(plan.get(0));
        assertThat(data.plan(4, 2).get(0)).isNotEqualTo(plan.get(0));
        assertThat(data.sequentialPlan(4).get(2)).containsExactly(8, 9);
        assertThatThrownBy(() -> data.plan(0, 1)).hasMessage("batchSize must be at least 1, but is 0");
    }

    @Test
    void batchesCarryTheirLabels() throws IOException {
        ImageData data = data(2, 2);
        assertThat(data.labels()).containsExactly("a", "b");
        try (ImageBatch batch = data.batch(new int[] {3, 0})) {
            assertThat(batch.labels()).containsExactly(1, 0);
        }
        assertThatThrownBy(() -> data.batch(new int[] {4})).hasMessage("index must be 0 to 3, but is 4");
    }

    @Test
    void setsKeepTheSharesOfTheClassesAndNeverMeet() throws IOException {
        ImageData data = data(12, 4);
        ImageData.Split split = data.split(0.75, 5);
        assertThat(split.first().size()).isEqualTo(12);
        assertThat(labels(split.first())).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1);
        assertThat(labels(split.second())).containsExactly(0, 0, 0, 1);
        assertThat(labels(data.limit(4, 1))).containsExactly(0, 0, 0, 1);
        assertThat(data.limit(16, 1)).isSameAs(data);
        assertThatThrownBy(() -> data.split(0.001, 1))
                .hasMessage("share must leave a picture for either set, but is 0.001 of 16 pictures");
    }

    @Test
    void aDamagedPictureIsReplacedFromItsOwnSet() throws IOException {
        ImageData.Split split = data(4, 4).split(0.5, 3);
        Files.write(folder.resolve("a/0.png"), new byte[] {1});
        Files.write(folder.resolve("a/1.png"), new byte[] {1});
        Files.write(folder.resolve("a/2.png"), new byte[] {1});
        Files.write(folder.resolve("a/3.png"), new byte[] {1});
        for (ImageData half : List.of(split.first(), split.second())) {
            try (ImageBatch batch = half.batch(new int[] {0, 1, 2, 3})) {
                assertThat(batch.labels()).containsExactly(1, 1, 1, 1);
            }
        }
    }

    @Test
    void aDamagedPictureThatATextBelongsToIsRefusedByItsName() throws IOException {
        Files.write(folder.resolve("x.png"), Pictures.png(2, 2, 0));
        Files.write(folder.resolve("y.png"), new byte[] {1});
        ImageFolder images = ImageFolder.open(folder, List.of("y.png", "x.png"));
        ImageData paired = ImageData.paired(images, transform);
        assertThat(paired.size()).isEqualTo(2);
        assertThat(paired.split(0.5, 1).first().size()).isEqualTo(1);
        try (ImageBatch batch = paired.batch(new int[] {1})) {
            assertThat(batch.labels()).isEmpty();
        }
        assertThatThrownBy(() -> paired.batch(new int[] {1, 0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("y.png cannot be decoded: expected a picture, since a text belongs to it");
        assertThatThrownBy(() -> ImageFolder.open(folder, List.of("x.png", "z.png")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(folder.resolve("z.png") + ": there is no such picture, which is named \"z.png\"");
        assertThatThrownBy(() -> ImageFolder.open(folder, List.of()))
                .hasMessage("names must be of at least one picture, but are none");
    }

    @Test
    void keysTellPicturesApartAndFindThemAgain() throws IOException {
        ImageData data = data(3, 3);
        try (ImageBatch first = data.batch(new int[] {0, 4});
                ImageBatch second = data.batch(new int[] {4, 1});
                ImageBatch other = data(3, 3).batch(new int[] {4})) {
            assertThat(first.keys().get(1)).isEqualTo(second.keys().get(0));
            assertThat(first.keys().contains(second.keys().get(1))).isFalse();
            assertThat(first.keys().get(0)).isNotEqualTo(first.keys().get(1));
            assertThat(other.keys().get(0)).isNotEqualTo(first.keys().get(1));
            assertThatThrownBy(() -> first.withKeys(List.of(1)))
                    .hasMessage("newKeys must be one for each of 2 pictures, but are 1");
        }
    }

    @Test
    void everyPictureNeedsALabel() throws IOException {
        data(1, 1);
        Files.write(folder.resolve("loose.png"), Pictures.png(1, 1, 0));
        ImageFolder images = ImageFolder.open(folder);
        assertThatThrownBy(() -> ImageData.of(images, transform))
                .hasMessage("loose.png has no label: expected every picture in a folder of its class");
    }

    @Test
    void closedBatchesLeaveNothing() throws IOException {
        ImageData data = data(3, 3);
        long before = MemoryMeter.nativeBytes();
        for (int i = 0; i < 100; i++) {
            data.batch(new int[] {0, 1, 2, 3, 4, 5}).close();
        }
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
        Files.delete(folder.resolve("b/2.png"));
        assertThatThrownBy(() -> data.batch(new int[] {0, 5})).hasMessageContaining("2.png: cannot be read");
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
    }

    private ImageData data(int first, int second) throws IOException {
        for (String label : List.of("a", "b")) {
            Files.createDirectories(folder.resolve(label));
            for (int i = 0; i < (label.equals("a") ? first : second); i++) {
                Files.write(folder.resolve(label + "/" + i + ".png"), Pictures.png(2, 2, i));
            }
        }
        return ImageData.of(ImageFolder.open(folder), transform);
    }

    private static IntStream labels(ImageData data) {
        return IntStream.range(0, data.size()).map(data::label);
    }
}
