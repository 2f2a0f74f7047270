package io.github.sherl4j.weights;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/** The element types of the safetensors format that ND4J has too; the constants' names stand in the files. */
enum SafeTensorsType {
    F64(DataType.DOUBLE),
    F32(DataType.FLOAT),
    F16(DataType.FLOAT16),
    BF16(DataType.BFLOAT16),
    I64(DataType.INT64),
    I32(DataType.INT32),
    U8(DataType.UINT8);

    private final DataType nd;

    SafeTensorsType(DataType nd) {
        this.nd = nd;
    }

    DataType nd() {
        return nd;
    }

    int width() {
        return nd.width();
    }

    static @Nullable SafeTensorsType named(String name) {
        return Arrays.stream(values())
                .filter(type -> type.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    static @Nullable SafeTensorsType of(DataType nd) {
        return Arrays.stream(values()).filter(type -> type.nd == nd).findFirst().orElse(null);
    }

    /** All names, for messages. */
    static String known() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    /** All ND4J types, for messages. */
    static String knownInNd() {
        return Arrays.stream(values()).map(type -> type.nd.name()).collect(Collectors.joining(", "));
    }
}
