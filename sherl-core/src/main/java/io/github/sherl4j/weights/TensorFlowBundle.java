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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The tensors of a TensorFlow checkpoint, of a saved model's {@code variables} too: {@code NAME.index} is a {@link SortedTable} of
 * where each tensor is, {@code NAME.data-00000-of-00001} has their bytes, little endian and in C order. Names and shapes are
 * TensorFlow's: {@code bert/encoder/layer_0/attention/self/query/kernel} is {@code [in, out]}. Checkpoints of one data file are read,
 * which is what saved models are. Types: FLOAT, FLOAT16, DOUBLE, INT64 and INT32; a tensor of another type has a name and a shape but
 * cannot be read. May be used by several threads at once.
 */
public final class TensorFlowBundle implements WeightSource {
    private static final String INDEX = ".index";
    private static final String DATA = ".data-00000-of-00001";
    private static final String HEADER = "";

    private final String origin;
    private final FileChannel data;
    private final Map<String, TensorFlowEntry> entries;
    private final RawBytes bytes = new RawBytes();

    private TensorFlowBundle(String origin, FileChannel data, Map<String, TensorFlowEntry> entries) {
        this.origin = origin;
        this.data = data;
        this.entries = entries;
    }

    /**
     * Opens a checkpoint and checks where its tensors are.
     *
     * @param index the file {@code NAME.index}; the data file is beside it
     * @return the tensors, to be closed by the caller
     * @throws IllegalArgumentException if a file is cut short or malformed, or the checkpoint has several data files
     * @throws IOException if a file does not exist or cannot be read
     */
    public static TensorFlowBundle open(Path index) throws IOException {
        String origin = index.toString();
        if (!origin.endsWith(INDEX)) {
            throw new IllegalArgumentException(origin + ": expected a TensorFlow checkpoint's file NAME" + INDEX);
        }
        requireFile(index);
        Map<String, ByteBuffer> table = SortedTable.read(origin, Files.readAllBytes(index));
        if (table.remove(HEADER) == null) {
            throw new IllegalArgumentException(origin + ": is no index of a TensorFlow checkpoint, it has no header");
        }
        Path file = Path.of(origin.substring(0, origin.length() - INDEX.length()) + DATA);
        requireFile(file);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new TensorFlowBundle(origin, channel, entries(origin, table, channel.size()));
        } catch (RuntimeException | IOException e) {
            channel.close();
            throw e;
        }
    }

    private static void requireFile(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "no such file, expected a part of a TensorFlow checkpoint");
        }
    }

    private static Map<String, TensorFlowEntry> entries(String origin, Map<String, ByteBuffer> table, long fileSize) {
        Map<String, TensorFlowEntry> entries = new LinkedHashMap<>();
        table.forEach((name, value) -> {
            TensorFlowEntry entry = TensorFlowEntry.parse(origin, name, value);
            if (entry.shard() != 0) {
                throw new IllegalArgumentException(
                        "%s: tensor '%s' is in data file %d, but only checkpoints of one data file can be read"
                                .formatted(origin, name, entry.shard() + 1));
            }
            if (entry.offset() > fileSize - entry.size()) {
                throw new IllegalArgumentException(
                        "%s: tensor '%s' ends at byte %d, but the data file has %d: it is cut short"
                                .formatted(origin, name, entry.offset() + entry.size(), fileSize));
            }
            entries.put(name, entry);
        });
        return entries;
    }

    @Override
    public String origin() {
        return origin;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    @Override
    public long[] shape(String name) {
        return entry(name).dimensions();
    }

    @Override
    public DataType type(String name) {
        return entry(name).type();
    }

    @Override
    public INDArray read(String name, DataType as) {
        TensorFlowEntry entry = entry(name);
        if (entry.type() == DataType.UNKNOWN) {
            throw new IllegalArgumentException(
                    "%s: tensor '%s' has a type that cannot be read".formatted(origin, name));
        }
        return bytes.read(entry.type(), entry.dimensions(), as, (offset, into) -> copy(entry.offset() + offset, into));
    }

    private void copy(long position, ByteBuffer into) {
        try {
            long next = position;
            while (into.hasRemaining()) {
                int count = data.read(into, next);
                if (count < 0) {
                    throw new EOFException(origin + ": its data file became shorter while it was read");
                }
                next += count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TensorFlowEntry entry(String name) {
        if (!data.isOpen()) {
            throw new IllegalStateException(origin + ": is closed");
        }
        return NearestNames.require(entries, name, origin);
    }

    @Override
    public void close() {
        try {
            data.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
