package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ImageFolderTest {
    @TempDir
    Path folder;

    @Test
    void classesAreTheFoldersOfTheFirstLevel() throws IOException {
        write("dog/b.PNG", Pictures.png(3, 2, 0xff0000));
        write("cat/deep/er/a.jpg", Pictures.png(4, 5, 0x00ff00));
        write("cat/z.gif", Pictures.png(1, 1, 0));
        write("loose.bmp", Pictures.png(2, 2, 0x0000ff));
        write("cat/notes.txt", new byte[] {1});
        write("cat/._a.png", new byte[] {1});
        write(".hidden/a.png", new byte[] {1});
        ImageFolder images = ImageFolder.open(folder);
        assertThat(IntStream.range(0, images.size()).mapToObj(images::name))
                .containsExactly("cat/deep/er/a.jpg", "cat/z.gif", "dog/b.PNG", "loose.bmp");
        assertThat(images.labels()).containsExactly("cat", "dog");
        assertThat(IntStream.range(0, 4).map(images::label)).containsExactly(0, 0, 1, Picture.NO_LABEL);
        Picture first = images.picture(0).orElseThrow();
        assertThat(first.name()).isEqualTo("cat/deep/er/a.jpg");
        assertThat(first.label()).isZero();
        assertThat(first.width()).isEqualTo(4);
        assertThat(images.skipped()).isZero();
    }

    @Test
    void aFlatFolderHasNoClasses() throws IOException {
        write("a.png", Pictures.png(1, 1, 0));
        ImageFolder images = ImageFolder.open(folder);
        assertThat(images.labels()).isEmpty();
        assertThat(images.label(0)).isEqualTo(Picture.NO_LABEL);
    }

    @Test
    void aDamagedPictureIsNamedOnceAndCounted() throws IOException {
        write("a.png", Pictures.png(2, 2, 0));
        write("b.png", new byte[] {1, 2, 3});
        write("c.png", Pictures.png(3, 3, 0));
        ImageFolder images = ImageFolder.open(folder);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(ImageFolder.class);
        log.start();
        logger.addAppender(log);
        try {
            assertThat(images.picture(1)).isEmpty();
            assertThat(images.picture(1)).isEmpty();
            assertThat(images.firstReadable(new int[] {0, 1, 2}, 1).name()).isEqualTo("c.png");
            assertThat(images.firstReadable(new int[] {0, 1}, 1).name()).isEqualTo("a.png");
        } finally {
            logger.detachAppender(log);
        }
        assertThat(images.skipped()).isEqualTo(1);
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(folder.resolve("b.png")
                        + ": skipped, it cannot be decoded: expected PNG, JPEG, GIF or BMP, found other content");
        assertThatThrownBy(() -> images.firstReadable(new int[] {1}, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("none of 1 pictures can be decoded, among them b.png");
    }

    @Test
    void aPictureThatVanishedIsAnErrorWithItsName() throws IOException {
        write("a.png", Pictures.png(2, 2, 0));
        ImageFolder images = ImageFolder.open(folder);
        Files.delete(folder.resolve("a.png"));
        assertThatThrownBy(() -> images.picture(0))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder.resolve("a.png") + ": cannot be read");
        assertThat(images.skipped()).isZero();
    }

    @Test
    void refusesFoldersWithoutPictures() throws IOException {
        assertThatThrownBy(() -> ImageFolder.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder + ": holds no pictures; expected files that end in .png, .jpg, .jpeg, .gif or .bmp,"
                        + " in it or below it");
        assertThatThrownBy(() -> ImageFolder.open(folder.resolve("none")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("there is no such folder");
        write("a.png", Pictures.png(2, 2, 0));
        assertThatThrownBy(() -> ImageFolder.open(folder.resolve("a.png")))
                .isInstanceOf(NotDirectoryException.class)
                .hasMessageContaining("expected a folder of pictures, found a file");
        ImageFolder images = ImageFolder.open(folder);
        for (int index : List.of(-1, 1)) {
            assertThatThrownBy(() -> images.picture(index)).hasMessage("index must be 0 to 0, but is " + index);
        }
    }

    private void write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
