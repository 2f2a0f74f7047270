package io.github.sherl4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.WireFormat;

/**
 * Where a tensor of a TensorFlow checkpoint is: TensorFlow's {@code BundleEntryProto}, a protocol buffer with the fields dtype (1),
 * shape (2), shard_id (3), offset (4), size (5), crc32c (6) and slices (7). A shape's field 2, repeated, is a dimension, whose field 1
 * is its size.
 *
 * @param type the stored type; UNKNOWN for one that cannot be read
 * @param shape the dimensions
 * @param shard which of the data files
 * @param offset where the bytes begin
 * @param size how many bytes there are
 */
record TensorFlowEntry(DataType type, List<Long> shape, int shard, long offset, long size) {
    private static final int DTYPE = 1;
    private static final int SHAPE = 2;
    private static final int SHARD = 3;
    private static final int OFFSET = 4;
    private static final int SIZE = 5;
    private static final int SLICES = 7;

    TensorFlowEntry {
        shape = List.copyOf(shape);
    }

    static TensorFlowEntry parse(String origin, String name, ByteBuffer bytes) {
        DataType type = DataType.UNKNOWN;
        List<Long> shape = new ArrayList<>();
        int shard = 0;
        long offset = 0;
        long size = 0;
        try {
            CodedInputStream in = CodedInputStream.newInstance(bytes);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case DTYPE -> type = type(in.readEnum());
                    case SHAPE -> shape = shape(CodedInputStream.newInstance(in.readByteArray()));
                    case SHARD -> shard = in.readInt32();
                    case OFFSET -> offset = in.readInt64();
                    case SIZE -> size = in.readInt64();
                    case SLICES ->
                        throw new IllegalArgumentException(
                                "%s: tensor '%s' is kept in slices, which cannot be read".formatted(origin, name));
                    default -> in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("%s: the entry of '%s' is damaged".formatted(origin, name), e);
        }
        TensorFlowEntry entry = new TensorFlowEntry(type, shape, shard, offset, size);
        long expected = entry.length() * Math.max(0, type.width());
        if (type != DataType.UNKNOWN && (offset < 0 || size != expected)) {
            throw new IllegalArgumentException("%s: tensor '%s' of type %s and shape %s must have %d bytes, but has %d"
                    .formatted(origin, name, type, shape, expected, size));
        }
        return entry;
    }

    private static List<Long> shape(CodedInputStream in) throws IOException {
        List<Long> shape = new ArrayList<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == 2) {
                CodedInputStream dimension = CodedInputStream.newInstance(in.readByteArray());
                long size = 0;
                for (int inner = dimension.readTag(); inner != 0; inner = dimension.readTag()) {
                    if (WireFormat.getTagFieldNumber(inner) == 1) {
                        size = dimension.readInt64();
                    } else {
                        dimension.skipField(inner);
                    }
                }
                shape.add(size);
            } else {
                in.skipField(tag);
            }
        }
        return shape;
    }

    /** TensorFlow's numbers of types. */
    private static DataType type(int number) {
        return switch (number) {
            case 1 -> DataType.FLOAT;
            case 2 -> DataType.DOUBLE;
            case 3 -> DataType.INT32;
            case 9 -> DataType.INT64;
            case 19 -> DataType.FLOAT16;
            default -> DataType.UNKNOWN;
        };
    }

    long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    private long length() {
        return shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    }
}
