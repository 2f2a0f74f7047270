package io.github.sherl4j.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads and writes safetensors files. May be used by several threads at once.
 *
 * <p>The format, from the first byte on:
 *
 * <table>
 *   <caption>Bytes of a safetensors file</caption>
 *   <tr><th>bytes</th><th>what</th></tr>
 *   <tr><td>8</td><td>{@code N}, the length of the header: an unsigned little-endian integer, at most 100,000,000</td></tr>
 *   <tr><td>{@code N}</td><td>the header: a JSON object in UTF-8 that begins with <code>{</code> and may be padded with
 *       spaces at its end</td></tr>
 *   <tr><td>the rest</td><td>the data: the tensors' elements, little endian and in C order, without gap or overlap</td></tr>
 * </table>
 *
 * <p>The header has one entry for each tensor, <code>"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}</code>:
 *
 * <ul>
 *   <li>{@code dtype}: F64, F32, F16, BF16, I64, I32 or U8. The format knows more types (BOOL, I8, F8_E4M3, ...); a file
 *       that holds one of those is refused.
 *   <li>{@code shape}: the dimensions, none below 0; {@code []} is a scalar.
 *   <li>{@code data_offsets}: where the tensor's bytes begin, and where they end (exclusive), counted from the first byte
 *       of the data.
 * </ul>
 *
 * <p>The entry {@code __metadata__}, if there is one, maps strings to strings. No name occurs twice.
 *
 * <p>Opening checks the whole header against these rules and against the length of the file. Reading fetches only the
 * tensor's own bytes, straight into the array's memory: the file is not mapped, since a mapping stays resident and keeps
 * the file locked on some systems until the garbage collector finds it. There is no limit of 2 GB, neither to the file
 * nor to a tensor.
 */
public final class SafeTensors implements WeightSource {

    private final String origin;
    private final FileChannel channel;
    private final SafeTensorsHeader header;
    private final RawBytes bytes = new RawBytes();

    private SafeTensors(String origin, FileChannel channel) throws IOException {
        this.origin = origin;
        this.channel = channel;
        this.header = SafeTensorsHeader.read(origin, channel);
    }

    /**
     * Opens a file and checks its header.
     *
     * @param file the file; it must not change while it is open
     * @return the tensors of the file, to be closed by the caller
     * @throws IllegalArgumentException if the file is cut short, malformed, or of another format
     * @throws IOException if the file does not exist or cannot be read
     */
    public static SafeTensors open(Path file) throws IOException {
        String origin = file.toString();
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(origin + ": is a folder, expected a safetensors file");
        }
        if (Files.notExists(file)) {
            throw new NoSuchFileException(origin, null, "no such file, expected a safetensors file");
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new SafeTensors(origin, channel);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Writes a file: to a temporary name in the same folder, forced to the disk, then renamed, so that a failure leaves an
     * existing file whole. The same tensors and metadata give the same bytes: tensors are sorted by the width of their
     * elements, widest first, then by name; the header is padded so that the data begins at a multiple of 8 bytes, and thus
     * every tensor at a multiple of its elements' width.
     *
     * @param file the file, replaced if it exists; its folder must exist
     * @param tensors the arrays by name, of type DOUBLE, FLOAT, FLOAT16, BFLOAT16, LONG, INT or UINT8, in any order, views
     *     too. Not modified
     * @param metadata any strings, may be empty
     * @throws IllegalArgumentException if an array is of another type or closed, or a name is the reserved
     *     {@code __metadata__}; nothing is written then
     * @throws IOException if the file cannot be written; an existing file is unchanged then
     */
    public static void write(Path file, Map<String, INDArray> tensors, Map<String, String> metadata)
            throws IOException {
        new SafeTensorsWriter(file, tensors, metadata).write();
    }

    /**
     * The file's own remarks.
     *
     * @return the strings of {@code __metadata__}, not modifiable; empty if the file has none
     */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public String origin() {
        return origin;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(header.entries().keySet());
    }

    @Override
    public long[] shape(String name) {
        return entry(name).shape();
    }

    @Override
    public DataType type(String name) {
        return entry(name).type().nd();
    }

    @Override
    public INDArray read(String name, DataType as) {
        SafeTensorsHeader.Entry entry = entry(name);
        return bytes.read(entry.type().nd(), entry.shape(), as, source(entry));
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private SafeTensorsHeader.Entry entry(String name) {
        return NearestNames.require(header.entries(), name, origin);
    }

    private RawBytes.Source source(SafeTensorsHeader.Entry entry) {
        if (!channel.isOpen()) {
            throw new IllegalStateException(origin + ": is closed");
        }
        return (offset, into) -> readFully(entry, header.dataStart() + entry.begin() + offset, into);
    }

    private void readFully(SafeTensorsHeader.Entry entry, long position, ByteBuffer into) {
        long next = position;
        try {
            while (into.hasRemaining()) {
                int count = channel.read(into, next);
                if (count < 0) {
                    throw new EOFException("%s: ends at byte %d, within tensor '%s': it was cut since it was opened"
                            .formatted(origin, next, entry.name()));
                }
                next += count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
