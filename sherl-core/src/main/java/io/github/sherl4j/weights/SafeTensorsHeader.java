package io.github.sherl4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The checked header of a safetensors file; {@link SafeTensors} describes the format. */
final class SafeTensorsHeader {

    static final int PREFIX = Long.BYTES;
    static final int MAX_LENGTH = 100_000_000;
    static final String METADATA = "__metadata__";

    /** One tensor of the file; its bytes lie from {@code begin} to {@code end} of the data. */
    static final class Entry {
        private final String name;
        private final SafeTensorsType type;
        private final long[] shape;
        private final long begin;
        private final long end;

        Entry(String name, SafeTensorsType type, long[] shape, long begin, long end) {
            this.name = name;
            this.type = type;
            this.shape = shape;
            this.begin = begin;
            this.end = end;
        }

        String name() {
            return name;
        }

        SafeTensorsType type() {
            return type;
        }

        long[] shape() {
            return shape.clone();
        }

        long begin() {
            return begin;
        }

        long end() {
            return end;
        }
    }

    private final String origin;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata;
    private final long dataStart;

    private SafeTensorsHeader(String origin, SafeTensorsHeaderJson json, long dataStart, long dataBytes) {
        this.origin = origin;
        this.metadata = Collections.unmodifiableMap(json.metadata());
        this.dataStart = dataStart;
        List<Entry> inFileOrder = new ArrayList<>(json.entries());
        inFileOrder.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        requireExtent(inFileOrder, dataBytes);
        inFileOrder.forEach(entry -> entries.put(entry.name(), entry));
    }

    /** Reads and checks the header. */
    static SafeTensorsHeader read(String origin, FileChannel channel) throws IOException {
        long size = channel.size();
        byte[] start = bytes(channel, 0, (int) Math.min(size, PREFIX + 1));
        if (size < PREFIX) {
            throw bad(origin, "has only %d bytes, a safetensors file has at least %d".formatted(size, PREFIX));
        }
        long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 0 || length > MAX_LENGTH || (size > PREFIX && start[PREFIX] != '{')) {
            throw bad(origin, foreign(start, length));
        }
        if (length > size - PREFIX) {
            throw bad(
                    origin,
                    "is cut short: its header should have %d bytes, only %d are there"
                            .formatted(length, size - PREFIX));
        }
        String text = decode(origin, bytes(channel, PREFIX, (int) length));
        long dataStart = PREFIX + length;
        return new SafeTensorsHeader(origin, new SafeTensorsHeaderJson(origin, text), dataStart, size - dataStart);
    }

    /** The tensors by name, in the order of their bytes. */
    Map<String, Entry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** Where the data begins in the file. */
    long dataStart() {
        return dataStart;
    }

    private void requireExtent(List<Entry> sorted, long dataBytes) {
        long announced = sorted.stream().mapToLong(Entry::end).max().orElse(0);
        if (announced > dataBytes) {
            throw bad(
                    origin,
                    "is cut short: its header announces %d bytes of data, only %d are there"
                            .formatted(announced, dataBytes));
        }
        long expected = 0;
        for (Entry entry : sorted) {
            if (entry.begin() != expected) {
                throw bad(
                        origin,
                        "tensor '%s' begins at byte %d of the data, expected %d: %s"
                                .formatted(
                                        entry.name(),
                                        entry.begin(),
                                        expected,
                                        entry.begin() < expected
                                                ? "it overlaps the tensor before"
                                                : "there is a hole before it"));
            }
            expected = entry.end();
        }
        if (expected < dataBytes) {
            throw bad(
                    origin,
                    "the tensors end at byte %d of the data, yet %d bytes are there".formatted(expected, dataBytes));
        }
    }

    private static byte[] bytes(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        int last = 0;
        while (buffer.hasRemaining() && last >= 0) {
            last = channel.read(buffer, position + buffer.position());
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static String decode(String origin, byte[] header) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(origin + ": the header is not valid UTF-8", e);
        }
    }

    /** Says what such a file is, as far as its first bytes tell. */
    private static String foreign(byte[] start, long length) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String found;
        if (text.startsWith("PK\3\4")) {
            found = "a zip archive (a PyTorch checkpoint, perhaps)";
        } else if (start[0] == (byte) 0x80 && start[1] <= 5) {
            found = "a Python pickle (an old PyTorch checkpoint, perhaps)";
        } else if (text.startsWith("version ")) {
            found = "text (a Git LFS pointer, perhaps, whose real file has yet to be fetched)";
        } else if (text.startsWith("\u0089HDF")) {
            found = "an HDF5 file";
        } else if (length < 0 || length > MAX_LENGTH) {
            found = "it begins with a header length of %s, the format allows at most %d"
                    .formatted(Long.toUnsignedString(length), MAX_LENGTH);
        } else {
            found = "its header begins with byte 0x%02x, expected '{'".formatted(start[PREFIX]);
        }
        return "is no safetensors file: " + found;
    }

    private static IllegalArgumentException bad(String origin, String what) {
        return new IllegalArgumentException(origin + ": " + what);
    }
}
