package io.github.sherl4j.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import onnx.Onnx.TensorProto;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/** One initializer of an ONNX file as it is stored there: its shape, its type and its bytes, checked against each other. */
final class OnnxTensor {

    private final TensorProto proto;
    private final String label;
    private final long[] shape;

    OnnxTensor(TensorProto proto, String origin) {
        this.proto = proto;
        this.label = "%s: tensor '%s'".formatted(origin, proto.getName());
        this.shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL || proto.getExternalDataCount() > 0) {
            throw bad("has its data in another file, only files that hold all of their data can be read");
        }
        if (Arrays.stream(shape).anyMatch(dimension -> dimension < 0)) {
            throw bad("has shape %s, a dimension cannot be negative".formatted(Arrays.toString(shape)));
        }
        @Nullable DataType type = knownType();
        if (type != null) {
            requireSize(type);
        }
    }

    String name() {
        return proto.getName();
    }

    long[] shape() {
        return shape.clone();
    }

    DataType type() {
        @Nullable DataType type = knownType();
        if (type == null) {
            TensorProto.@Nullable DataType stored = TensorProto.DataType.forNumber(proto.getDataType());
            throw bad("has type %s, known are FLOAT, FLOAT16, DOUBLE, INT64 and INT32"
                    .formatted(stored == null ? proto.getDataType() : stored));
        }
        return type;
    }

    RawBytes.Source source() {
        ByteBuffer bytes = isRaw() ? proto.getRawData().asReadOnlyByteBuffer() : typedBytes(type());
        return (offset, into) -> into.put(bytes.slice((int) offset, into.remaining()));
    }

    private boolean isRaw() {
        return !proto.getRawData().isEmpty();
    }

    private @Nullable DataType knownType() {
        return switch (proto.getDataType()) {
            case TensorProto.DataType.FLOAT_VALUE -> DataType.FLOAT;
            case TensorProto.DataType.FLOAT16_VALUE -> DataType.FLOAT16;
            case TensorProto.DataType.DOUBLE_VALUE -> DataType.DOUBLE;
            case TensorProto.DataType.INT64_VALUE -> DataType.INT64;
            case TensorProto.DataType.INT32_VALUE -> DataType.INT32;
            default -> null;
        };
    }

    private void requireSize(DataType type) {
        boolean raw = isRaw();
        long came = raw ? proto.getRawData().size() : typedCount();
        long expected = raw ? type.width() : 1;
        try {
            for (long dimension : shape) {
                expected = Math.multiplyExact(expected, dimension);
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(label + " has a shape too large to count its bytes", e);
        }
        if (expected != came) {
            throw bad("has shape %s of %s, expected %d %s, got %d"
                    .formatted(Arrays.toString(shape), type, expected, raw ? "bytes" : "values", came));
        }
    }

    private int typedCount() {
        return switch (proto.getDataType()) {
            case TensorProto.DataType.FLOAT_VALUE -> proto.getFloatDataCount();
            case TensorProto.DataType.DOUBLE_VALUE -> proto.getDoubleDataCount();
            case TensorProto.DataType.INT64_VALUE -> proto.getInt64DataCount();
            default -> proto.getInt32DataCount();
        };
    }

    /** The values of the typed field, FLOAT16 as the bit patterns that the format keeps in its 32-bit integers. */
    private ByteBuffer typedBytes(DataType type) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(typedCount(), type.width()))
                .order(ByteOrder.LITTLE_ENDIAN);
        switch (proto.getDataType()) {
            case TensorProto.DataType.FLOAT_VALUE -> proto.getFloatDataList().forEach(bytes::putFloat);
            case TensorProto.DataType.DOUBLE_VALUE -> proto.getDoubleDataList().forEach(bytes::putDouble);
            case TensorProto.DataType.INT64_VALUE -> proto.getInt64DataList().forEach(bytes::putLong);
            case TensorProto.DataType.INT32_VALUE -> proto.getInt32DataList().forEach(bytes::putInt);
            default -> proto.getInt32DataList().forEach(bits -> bytes.putShort(bits.shortValue()));
        }
        return bytes;
    }

    private IllegalArgumentException bad(String what) {
        return new IllegalArgumentException(label + " " + what);
    }
}
