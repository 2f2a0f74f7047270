package io.github.sherl4j.weights;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the sorted table of strings that TensorFlow keeps the names of a checkpoint's tensors in, LevelDB's format. From its end:
 *
 * <ul>
 *   <li>footer, 48 bytes: the handles of two blocks, the second that of the index; zeros up to byte 40; the magic number.
 *   <li>handle: offset and size of a block, as variable-length integers of 7 bits a byte, lowest first.
 *   <li>block: entries; then the offsets of some of them and their count, 4 bytes each, which only a search needs. Behind it, not
 *       counted, a byte that tells the compression (0 for none), and a checksum of 4 bytes.
 *   <li>entry: three variable-length integers, the bytes that the key shares with the one before it, those it does not, and those
 *       of the value; then the key's own bytes and the value.
 *   <li>the index's values are the handles of the blocks with the entries of the table, in order.
 * </ul>
 */
final class SortedTable {
    private static final int FOOTER = 48;
    private static final int HANDLES = 40;
    private static final long MAGIC = 0xdb4775248b80fb57L;

    private final String origin;
    private final byte[] bytes;

    private SortedTable(String origin, byte[] bytes) {
        this.origin = origin;
        this.bytes = bytes;
    }

    /** All values by key, in the order of the table. */
    static Map<String, ByteBuffer> read(String origin, byte[] bytes) {
        return new SortedTable(origin, bytes).entries();
    }

    private Map<String, ByteBuffer> entries() {
        if (bytes.length < FOOTER || buffer(bytes.length - 8L, 8).getLong() != MAGIC) {
            throw invalid("is no table of tensors, whose last bytes are a magic number");
        }
        try {
            ByteBuffer footer = buffer(bytes.length - (long) FOOTER, HANDLES);
            varint(footer);
            varint(footer);
            Map<String, ByteBuffer> all = new LinkedHashMap<>();
            block(varint(footer), varint(footer)).values().forEach(handle -> {
                Map<String, ByteBuffer> part = block(varint(handle), varint(handle));
                part.forEach((key, value) -> {
                    if (all.put(key, value) != null) {
                        throw invalid("has the name \"" + key + "\" twice");
                    }
                });
            });
            return all;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException(origin + ": is cut short or damaged, an entry ends behind its block", e);
        }
    }

    private Map<String, ByteBuffer> block(long offset, long size) {
        if (offset < 0 || size < 4 || offset + size >= bytes.length) {
            throw invalid("is cut short or damaged, a block of " + size + " bytes at " + offset + " is not in it");
        }
        int compression = bytes[(int) (offset + size)];
        if (compression != 0) {
            throw invalid("has a compressed block (kind " + compression + "), but only plain ones can be read");
        }
        ByteBuffer block = buffer(offset, size);
        long end = size - 4 - 4 * Integer.toUnsignedLong(block.getInt((int) size - 4));
        if (end < 0) {
            throw invalid("is damaged, a block's list of entries is longer than the block");
        }
        block.limit((int) end);
        Map<String, ByteBuffer> entries = new LinkedHashMap<>();
        byte[] key = {};
        while (block.hasRemaining()) {
            int shared = length(block);
            int own = length(block);
            int value = length(block);
            if (shared > key.length) {
                throw invalid("is damaged, a name shares more than the whole of the one before it");
            }
            byte[] next = Arrays.copyOf(key, shared + own);
            block.get(next, shared, own);
            entries.put(new String(next, StandardCharsets.UTF_8), part(block, value));
            key = next;
        }
        return entries;
    }

    private int length(ByteBuffer block) {
        long length = varint(block);
        if (length < 0 || length > block.limit()) {
            throw invalid("is damaged, a name or an entry of " + length + " bytes is longer than its block");
        }
        return (int) length;
    }

    private static ByteBuffer part(ByteBuffer block, int length) {
        if (length > block.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer value = block.slice(block.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        block.position(block.position() + length);
        return value;
    }

    private ByteBuffer buffer(long offset, long length) {
        return ByteBuffer.wrap(bytes, (int) offset, (int) length).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A variable-length integer. */
    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = from.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new BufferUnderflowException();
    }

    private IllegalArgumentException invalid(String problem) {
        return new IllegalArgumentException(origin + ": " + problem);
    }
}
