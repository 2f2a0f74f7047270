package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Grey pictures and their labels from IDX files, the format of MNIST and Fashion-MNIST, plain or compressed ({@code .gz}). All
 * of them are held on the Java heap, a byte a pixel.
 *
 * <pre>
 * pictures: 00 00 08 03, then count, rows, columns as big-endian 32-bit integers, then count * rows * columns bytes
 * labels:   00 00 08 01, then count, then count bytes
 * </pre>
 */
public final class IdxImages implements ImageSource {
    private static final int PICTURES_MAGIC = 0x0803;
    private static final int LABELS_MAGIC = 0x0801;

    private final String file;
    private final int rows;
    private final int columns;
    private final byte[] pixels;
    private final byte @Nullable [] labelOfEach;
    private final List<String> labels;

    /** What an IDX file holds. */
    private static final class Content {
        final int[] dimensions;
        final byte[] bytes;

        Content(int[] dimensions, byte[] bytes) {
            this.dimensions = dimensions;
            this.bytes = bytes;
        }
    }

    private IdxImages(String file, Content pictures, byte @Nullable [] labelOfEach, List<String> labels) {
        this.file = file;
        this.rows = pictures.dimensions[1];
        this.columns = pictures.dimensions[2];
        this.pixels = pictures.bytes;
        this.labelOfEach = labelOfEach;
        this.labels = labels;
    }

    /**
     * Reads pictures without labels.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if its content is not as expected
     */
    public static IdxImages read(Path pictures) throws IOException {
        return new IdxImages(fileName(pictures), content(pictures, PICTURES_MAGIC), null, List.of());
    }

    /**
     * Reads pictures and labels; the classes are named by their numbers, from 0 to the highest that occurs.
     *
     * @throws IOException if a file cannot be read
     * @throws IllegalArgumentException if a file's content is not as expected, or they do not belong together
     */
    public static IdxImages read(Path pictures, Path labels) throws IOException {
        return labelled(pictures, labels, null);
    }

    /**
     * Reads pictures and labels.
     *
     * @param names the names of the classes, in the order of their numbers
     * @throws IOException if a file cannot be read
     * @throws IllegalArgumentException if a file's content is not as expected, they do not belong together, or a label has no
     *     name
     */
    public static IdxImages read(Path pictures, Path labels, List<String> names) throws IOException {
        return labelled(pictures, labels, List.copyOf(names));
    }

    private static IdxImages labelled(Path pictures, Path labels, @Nullable List<String> names) throws IOException {
        byte[] labelOfEach = content(labels, LABELS_MAGIC).bytes;
        int classes = 1
                + IntStream.range(0, labelOfEach.length)
                        .map(i -> labelOfEach[i] & 0xff)
                        .max()
                        .orElse(0);
        Check.argument(
                names == null || classes <= names.size(),
                "%s: holds the label %s, but only %s classes have names",
                labels,
                classes - 1,
                names == null ? 0 : names.size());
        Content content = content(pictures, PICTURES_MAGIC);
        Check.argument(
                content.dimensions[0] == labelOfEach.length,
                "%s has %s pictures, but %s has %s labels",
                pictures,
                content.dimensions[0],
                labels,
                labelOfEach.length);
        List<String> numbers =
                IntStream.range(0, classes).mapToObj(Integer::toString).toList();
        return new IdxImages(fileName(pictures), content, labelOfEach, names == null ? numbers : names);
    }

    private static Content content(Path file, int magic) throws IOException {
        try (InputStream raw = TextFiles.openBytes(file);
                DataInputStream in = new DataInputStream(raw)) {
            int found = in.readInt();
            Check.argument(
                    found == magic,
                    "%s: expected an IDX file of %s, which starts with %08x, but it starts with %08x",
                    file,
                    magic == PICTURES_MAGIC ? "pictures" : "labels",
                    magic,
                    found);
            int[] dimensions = new int[magic & 0xff];
            long length = 1;
            for (int i = 0; i < dimensions.length; i++) {
                dimensions[i] = in.readInt();
                Check.argument(
                        dimensions[i] >= 1,
                        "%s: its header has dimension %s of %s: expected at least 1",
                        file,
                        i,
                        dimensions[i]);
                length = dimensions[i] > Integer.MAX_VALUE / length ? Integer.MAX_VALUE : length * dimensions[i];
            }
            Check.argument(
                    length < Integer.MAX_VALUE - Long.BYTES,
                    "%s: its header has dimensions %s: expected less than 2 GiB",
                    file,
                    Arrays.toString(dimensions));
            // Grows with what comes, so that a wild header asks for no memory.
            byte[] bytes = in.readNBytes((int) length);
            Check.argument(
                    bytes.length == length && in.read() < 0,
                    "%s: its header has dimensions %s, so %s bytes must follow, but %s do",
                    file,
                    Arrays.toString(dimensions),
                    length,
                    bytes.length == length ? "more" : bytes.length);
            return new Content(dimensions, bytes);
        } catch (ZipException | EOFException e) {
            throw new IllegalArgumentException(
                    file + ": its header or its gzip data is damaged or cut off: " + e.getMessage(), e);
        }
    }

    private static String fileName(Path file) {
        return String.valueOf(file.getFileName());
    }

    @Override
    public int size() {
        return pixels.length / (rows * columns);
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public int label(int index) {
        checked(index);
        return labelOfEach == null ? Picture.NO_LABEL : labelOfEach[index] & 0xff;
    }

    /** The file and, in brackets, the number. */
    @Override
    public String name(int index) {
        return file + "[" + checked(index) + "]";
    }

    @Override
    public Optional<Picture> picture(int index) {
        int length = rows * columns;
        byte[] bytes = Arrays.copyOfRange(pixels, checked(index) * length, (index + 1) * length);
        return Optional.of(Picture.owning(name(index), label(index), columns, rows, 1, bytes));
    }

    /** Always 0: files are checked as a whole. */
    @Override
    public int skipped() {
        return 0;
    }

    private int checked(int index) {
        Check.argument(index >= 0 && index < size(), "index must be 0 to %s, but is %s", size() - 1, index);
        return index;
    }
}
