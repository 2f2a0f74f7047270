package io.github.sherl4j.barlow.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.barlow.view.ViewMaker.View;
import io.github.sherl4j.data.ImageFolder;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.nd.MemoryMeter;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

@Timeout(120)
class ViewLoaderTest {
    private static final ViewOptions VIEWS = ViewOptions.paper(8);

    @TempDir
    Path folder;

    /** What a batch holds, off the arrays that it lends. */
    private record Content(long number, long epoch, List<Integer> labels, List<Float> first, List<Float> second) {
        static Content of(ViewBatch batch) {
            List<Integer> labels = new ArrayList<>();
            for (int label : batch.labels()) {
                labels.add(label);
            }
            return new Content(batch.number(), batch.epoch(), labels, floats(batch.first()), floats(batch.second()));
        }

        private static List<Float> floats(INDArray array) {
            List<Float> floats = new ArrayList<>();
            for (float number : copy(array)) {
                floats.add(number);
            }
            return floats;
        }
    }

    private static List<Content> contents(ImageSource source, LoaderOptions options, long from, int count) {
        List<Content> contents = new ArrayList<>();
        try (ViewLoader loader = ViewLoader.open(source, VIEWS, options, from)) {
            for (int i = 0; i < count; i++) {
                try (ViewBatch batch = loader.next()) {
                    contents.add(Content.of(batch));
                }
            }
        }
        return contents;
    }

    @Test
    void threadsAndPrefetchingChangeNoBit() {
        LoaderOptions options = LoaderOptions.of(4).withSeed(7);
        List<Content> one = contents(Photos.source(11), options.withThreads(1).withPrefetch(1), 0, 7);
        assertThat(contents(Photos.source(11), options.withThreads(2), 0, 7)).isEqualTo(one);
        assertThat(contents(Photos.source(11), options.withThreads(7).withPrefetch(4), 0, 7))
                .isEqualTo(one);
        assertThat(contents(Photos.source(11), options.withThreads(3), 3, 4)).isEqualTo(one.subList(3, 7));
        assertThat(contents(Photos.source(11), options.withSeed(8), 0, 1).get(0))
                .isNotEqualTo(one.get(0));
        assertThat(one).extracting(Content::number).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(one).extracting(Content::epoch).containsExactly(0L, 0L, 1L, 1L, 2L, 2L, 3L);
    }

    @Test
    void rowsAreTheViewsOfTheMaker() {
        ImageSource source = Photos.source(2);
        ViewMaker maker = new ViewMaker(VIEWS);
        try (ViewLoader loader =
                        ViewLoader.open(source, VIEWS, LoaderOptions.of(2).withSeed(3), 0);
                ViewBatch batch = loader.next()) {
            assertThat(batch.first().shape()).containsExactly(2, 8, 8, 3);
            int index = batch.labels()[1]; // of two pictures, the class is the number
            for (View view : View.values()) {
                float[] expected = new float[maker.length()];
                long seed = ViewMaker.seed(3, 0, index, view);
                maker.normalize(maker.view(source.picture(index).orElseThrow(), view, seed), expected);
                INDArray array = view == View.FIRST ? batch.first() : batch.second();
                float[] all = copy(array);
                assertThat(Arrays.copyOfRange(all, maker.length(), 2 * maker.length()))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void anEpochHasEachPictureOnceInAnOrderOfItsOwn() throws IOException {
        for (int i = 0; i < 6; i++) {
            write("class" + i + "/a.png");
        }
        List<Content> batches = contents(ImageFolder.open(folder), LoaderOptions.of(3), 0, 4);
        List<Integer> first = new ArrayList<>(batches.get(0).labels());
        first.addAll(batches.get(1).labels());
        List<Integer> second = new ArrayList<>(batches.get(2).labels());
        second.addAll(batches.get(3).labels());
        assertThat(first).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
        assertThat(second).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5).isNotEqualTo(first);
    }

    @Test
    void damagedPicturesAreReplacedTheSameWayByAnyNumberOfThreads() throws IOException {
        for (int i = 0; i < 6; i++) {
            write("class" + i + "/a.png");
        }
        Files.write(folder.resolve("class2/a.png"), new byte[] {1, 2});
        ImageFolder images = ImageFolder.open(folder);
        List<Content> one = contents(images, LoaderOptions.of(6).withThreads(1), 0, 2);
        assertThat(one.get(0).labels()).containsExactlyInAnyOrder(0, 1, 3, 3, 4, 5);
        assertThat(images.skipped()).isEqualTo(1);
        assertThat(contents(ImageFolder.open(folder), LoaderOptions.of(6).withThreads(4), 0, 2))
                .isEqualTo(one);
    }

    @Test
    void anErrorComesOutWithThePicturesName() throws IOException {
        write("a.png");
        write("b.png");
        ImageFolder images = ImageFolder.open(folder);
        Files.delete(folder.resolve("b.png"));
        long before = MemoryMeter.nativeBytes();
        try (ViewLoader loader = ViewLoader.open(images, VIEWS, LoaderOptions.of(2), 0)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(loader::next)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("b.png: no views can be made of it: ")
                        .hasMessageContaining("cannot be read");
            }
        }
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
        assertThat(threads()).isEmpty();
    }

    @Test
    void closingStopsTheThreadsAndWhoeverWaits() throws Exception {
        long before = MemoryMeter.nativeBytes();
        ViewLoader loader =
                ViewLoader.open(Photos.source(40), VIEWS, LoaderOptions.of(40).withThreads(3), 0);
        assertThat(threads()).hasSize(3);
        ViewBatch batch = loader.next();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread consumer = new Thread(() -> {
            try {
                while (true) {
                    loader.next(); // lends all of them, and then stands in line or is told so
                }
            } catch (IllegalStateException e) {
                thrown.set(e);
            }
        });
        consumer.start();
        loader.close();
        consumer.join();
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
        assertThat(threads()).isEmpty();
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
        assertThatThrownBy(batch::first).hasMessage("this batch is closed, or its loader is");
        assertThatThrownBy(loader::next).hasMessage("this loader is closed");
        batch.close();
        loader.close();
    }

    @Test
    void batchesAreLent() {
        try (ViewLoader loader =
                ViewLoader.open(Photos.source(4), VIEWS, LoaderOptions.of(2).withPrefetch(1), 0)) {
            ViewBatch first = loader.next();
            ViewBatch second = loader.next();
            assertThatThrownBy(loader::next).hasMessage("all 2 batches are in use: close one before the next");
            first.close();
            first.close();
            assertThatThrownBy(first::second).hasMessage("this batch is closed, or its loader is");
            ViewBatch third = loader.next();
            assertThat(third.number()).isEqualTo(2);
            assertThat(second.number()).isEqualTo(1);
            assertThat(third.size()).isEqualTo(2);
        }
    }

    @Test
    void manyBatchesNeedNoMoreMemoryThanAFew() {
        long before = MemoryMeter.nativeBytes();
        try (ViewLoader loader =
                ViewLoader.open(Photos.source(9), VIEWS, LoaderOptions.of(4).withPrefetch(2), 0)) {
            long open = MemoryMeter.nativeBytes();
            assertThat(open - before).isEqualTo(3L * 2 * 4 * 8 * 8 * 3 * Float.BYTES);
            for (int i = 0; i < 500; i++) {
                loader.next().close();
            }
            assertThat(MemoryMeter.nativeBytes()).isEqualTo(open);
        }
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
    }

    @Test
    void refusesTooFewPictures() throws IOException {
        write("a.png");
        ImageFolder single = ImageFolder.open(folder);
        assertThatThrownBy(() -> ViewLoader.open(single, VIEWS, LoaderOptions.of(2), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is one picture only, a.png: pictures are compared with each other, so at least 2 are"
                        + " needed");
        ImageSource five = Photos.source(5);
        assertThatThrownBy(() -> ViewLoader.open(five, VIEWS, LoaderOptions.of(6), 0))
                .hasMessage("batchSize must be at most 5, the number of pictures, but is 6");
        assertThatThrownBy(() -> ViewLoader.open(five, VIEWS, LoaderOptions.of(2), -1))
                .hasMessage("firstBatch must be at least 0, but is -1");
        assertThat(threads()).isEmpty();
    }

    private static float[] copy(INDArray array) {
        try (INDArray copy = array.dup()) {
            return copy.data().asFloat();
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("views-"))
                .toList();
    }

    private void write(String name) throws IOException {
        File file = folder.resolve(name).toFile();
        Files.createDirectories(file.toPath().getParent());
        ImageIO.write(new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB), "png", file);
    }
}
