package io.github.sherl4j.route;

import io.github.sherl4j.data.KeyedBatch;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a frozen network says of each example, kept in a file, so that every epoch but the first is spared the early layers.
 * That is exact, since the frozen part is deterministic: only its rounding depends on the company of a text in its batch.
 *
 * <p>Examples are kept without their padding, which is read back as zeros; nothing behind a frozen network looks at it. The
 * file has no name to be found by and is gone when the cache is closed or the program ends. Only one state at a time is in
 * memory, besides what the operating system buffers and gives up when others need it. For one thread at a time.
 */
public final class StateCache implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final long maxBytes;
    private final Map<Object, Long> places = new HashMap<>();
    private long end;
    private @Nullable Stage stage;

    private StateCache(Path file, FileChannel channel, long maxBytes) {
        this.file = file;
        this.channel = channel;
        this.maxBytes = maxBytes;
    }

    /**
     * An empty cache.
     *
     * @param folder where its file is made
     * @param maxBytes largest size of the file; examples that no longer fit are computed again each time
     * @throws IOException if no file can be made there
     */
    public static StateCache create(Path folder, long maxBytes) throws IOException {
        Check.argument(maxBytes > 0, "maxBytes must be positive, but is %s", maxBytes);
        Path file = Files.createTempFile(folder, "states", ".cache");
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        return new StateCache(file, channel, maxBytes);
    }

    /**
     * Fills the states of a batch from a cache or, if they are not there, by a computation, and keeps them.
     *
     * @param cache null to compute always
     */
    public static <B> void through(
            @Nullable StateCache cache, B batch, List<INDArray> states, Memory memory, Runnable computation) {
        if (cache == null
                || !(batch instanceof KeyedBatch keyed)
                || keyed.keys().isEmpty()) {
            computation.run();
        } else if (!cache.read(keyed, states, memory)) {
            computation.run();
            cache.store(keyed, states, memory);
        }
    }

    /**
     * Reads the states of a batch if all its examples are known.
     *
     * @param states each [batch, positions, ...], overwritten if the answer is true
     * @return whether the states are there
     */
    public boolean read(KeyedBatch batch, List<INDArray> states, Memory memory) {
        if (!batch.keys().stream().allMatch(places::containsKey)) {
            return false;
        }
        int[] lengths = batch.lengths();
        long[] next = batch.keys().stream().mapToLong(places::get).toArray();
        try {
            for (INDArray state : states) {
                Stage staged = stage(state);
                for (int i = 0; i < lengths.length; i++) {
                    ByteBuffer example = staged.example(state, i, real(state, lengths[i]));
                    readFully(example, next[i]);
                    next[i] += example.limit();
                    staged.clearPadding(state, i, real(state, lengths[i]));
                }
                staged.copyTo(memory, state);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The states in %s cannot be read".formatted(file), e);
        }
        return true;
    }

    /**
     * Keeps the states of the examples that are not known yet.
     *
     * @param states as {@link #read} shall return them; not modified
     */
    public void store(KeyedBatch batch, List<INDArray> states, Memory memory) {
        int[] lengths = batch.lengths();
        List<?> keys = batch.keys();
        long[] next = new long[lengths.length];
        boolean[] isNew = new boolean[lengths.length];
        Map<Object, Long> added = new HashMap<>();
        for (int i = 0; i < lengths.length; i++) {
            long bytes = bytes(states, lengths[i]);
            isNew[i] = !places.containsKey(keys.get(i)) && !added.containsKey(keys.get(i)) && end + bytes <= maxBytes;
            if (isNew[i]) {
                next[i] = end;
                added.put(keys.get(i), end);
                end += bytes;
            }
        }
        try {
            for (INDArray state : states) {
                Stage staged = stage(state);
                staged.copyFrom(memory, state);
                for (int i = 0; i < lengths.length; i++) {
                    if (isNew[i]) {
                        ByteBuffer example = staged.example(state, i, real(state, lengths[i]));
                        next[i] += writeFully(example, next[i]);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The states cannot be written to %s".formatted(file), e);
        }
        places.putAll(added);
    }

    /** Number of examples kept. */
    public int size() {
        return places.size();
    }

    /** Size of the file in bytes. */
    public long bytes() {
        return end;
    }

    private static long bytes(List<INDArray> states, int length) {
        return states.stream()
                .mapToLong(state -> real(state, length) * positionBytes(state))
                .sum();
    }

    /** How many positions of a state are real. */
    private static int real(INDArray state, int length) {
        return (int) Math.min(length, state.size(1));
    }

    private static long positionBytes(INDArray state) {
        return state.length()
                / (state.size(0) * state.size(1))
                * state.dataType().width();
    }

    private Stage stage(INDArray state) {
        if (stage == null || stage.array.length() < state.length()) {
            if (stage != null) {
                stage.array.close();
            }
            stage = new Stage(Nd4j.createUninitializedDetached(state.dataType(), state.length()));
        }
        return stage;
    }

    private void readFully(ByteBuffer into, long position) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into, position + into.position()) < 0) {
                throw new EOFException("%s was cut while it was in use".formatted(file));
            }
        }
    }

    private int writeFully(ByteBuffer from, long position) throws IOException {
        while (from.hasRemaining()) {
            channel.write(from, position + from.position());
        }
        return from.limit();
    }

    /** Frees the memory and deletes the file. */
    @Override
    public void close() {
        if (stage != null) {
            stage.array.close();
            stage = null;
        }
        places.clear();
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("The file %s cannot be closed".formatted(file), e);
        }
    }

    /** Host memory between the file and the arrays of computation, which on a GPU stay on the device. */
    private static final class Stage {
        private final INDArray array;
        private final ByteBuffer host;

        Stage(INDArray array) {
            this.array = array;
            this.host = array.data().asNio();
        }

        /** The real positions of an example. */
        ByteBuffer example(INDArray state, int index, int length) {
            int start = Math.toIntExact(index * state.size(1) * positionBytes(state));
            return host.slice(start, Math.toIntExact(length * positionBytes(state)));
        }

        void clearPadding(INDArray state, int index, int length) {
            int start = Math.toIntExact((index * state.size(1) + length) * positionBytes(state));
            int bytes = Math.toIntExact((state.size(1) - length) * positionBytes(state));
            host.slice(start, bytes).put(new byte[bytes]);
        }

        void copyTo(Memory memory, INDArray state) {
            Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
            memory.ops().copy(memory.reshape(memory.slices(array, 0, state.length()), state.shape()), state);
        }

        void copyFrom(Memory memory, INDArray state) {
            memory.ops().copy(state, memory.reshape(memory.slices(array, 0, state.length()), state.shape()));
            Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
        }
    }
}
