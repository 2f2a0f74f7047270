package io.github.sherl4j.weights;

import io.github.sherl4j.TestArrays;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Writes TensorFlow checkpoints of floats as TensorFlow does: a sorted table of entries, whose keys share their beginnings. */
public final class TensorFlowFiles {
    private static final long MAGIC = 0xdb4775248b80fb57L;
    private static final int ENTRIES_IN_A_BLOCK = 3;

    private TensorFlowFiles() {}

    /** Writes {@code variables.index} and {@code variables.data-00000-of-00001}; returns the first. */
    public static Path write(Path folder, Map<String, INDArray> tensors) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        TreeMap<String, byte[]> entries = new TreeMap<>();
        entries.put("", message(field(1, 1))); // one data file
        for (Map.Entry<String, INDArray> tensor : new TreeMap<>(tensors).entrySet()) {
            double[] numbers = TestArrays.numbers(tensor.getValue());
            ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (double number : numbers) {
                bytes.putFloat((float) number);
            }
            entries.put(tensor.getKey(), entry(1, tensor.getValue().shape(), data.size(), bytes.capacity()));
            data.write(bytes.array());
        }
        Files.write(folder.resolve("variables.data-00000-of-00001"), data.toByteArray());
        return Files.write(folder.resolve("variables.index"), table(entries));
    }

    /** An entry of type number, shape, offset and size. */
    static byte[] entry(int type, long[] shape, long offset, long size) {
        List<byte[]> dimensions = new ArrayList<>();
        for (long dimension : shape) {
            dimensions.add(bytes(2, field(1, dimension)));
        }
        return message(
                field(1, type),
                bytes(2, message(dimensions.toArray(byte[][]::new))),
                field(4, offset),
                field(5, size),
                new byte[] {(byte) ((6 << 3) | 5), 1, 2, 3, 4}); // a checksum
    }

    static byte[] table(SortedMap<String, byte[]> entries) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        TreeMap<String, byte[]> index = new TreeMap<>();
        TreeMap<String, byte[]> block = new TreeMap<>();
        int left = entries.size();
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            block.put(entry.getKey(), entry.getValue());
            left--;
            if (block.size() == ENTRIES_IN_A_BLOCK || left == 0) {
                index.put(entry.getKey(), append(file, block));
                block.clear();
            }
        }
        byte[] meta = append(file, new TreeMap<>());
        byte[] handle = append(file, index);
        ByteBuffer footer = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        footer.put(meta).put(handle).putLong(40, MAGIC);
        file.writeBytes(footer.array());
        return file.toByteArray();
    }

    /** Appends a block; returns its handle. */
    private static byte[] append(ByteArrayOutputStream file, SortedMap<String, byte[]> entries) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        byte[] last = {};
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            byte[] key = entry.getKey().getBytes(StandardCharsets.UTF_8);
            int shared = 0;
            while (shared < Math.min(last.length, key.length) && last[shared] == key[shared]) {
                shared++;
            }
            block.writeBytes(varint(shared));
            block.writeBytes(varint(key.length - shared));
            block.writeBytes(varint(entry.getValue().length));
            block.write(key, shared, key.length - shared);
            block.writeBytes(entry.getValue());
            last = key;
        }
        ByteBuffer restarts =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(0).putInt(1);
        block.writeBytes(restarts.array());
        byte[] handle = message(varint(file.size()), varint(block.size()));
        file.writeBytes(block.toByteArray());
        file.writeBytes(new byte[] {0, 9, 9, 9, 9}); // no compression, a checksum
        return handle;
    }

    private static byte[] field(int number, long value) {
        return message(varint((long) number << 3), varint(value));
    }

    private static byte[] bytes(int number, byte[] content) {
        return message(varint(((long) number << 3) | 2), varint(content.length), content);
    }

    private static byte[] message(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] varint(long value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long rest = value;
        while (rest > 0x7f) {
            bytes.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
        return bytes.toByteArray();
    }
}
