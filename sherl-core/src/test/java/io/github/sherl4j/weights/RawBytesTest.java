package io.github.sherl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RawBytesTest {

    private static final long[] SHAPE = {3, 4, 5};

    /** From one element a piece, over parts of a row, to everything at once. */
    static Stream<Integer> pieces() {
        return Stream.of(1, 4, 12, 20, 40, 80, 100, 160, 240, 1000);
    }

    private static INDArray counting() {
        return Nd4j.arange(60).castTo(DataType.FLOAT).reshape(SHAPE);
    }

    private static ByteBuffer countingBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(240).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 60; i++) {
            bytes.putFloat(i);
        }
        return bytes.flip();
    }

    private static final RawBytes.Source SOURCE =
            (offset, into) -> into.put(countingBytes().slice((int) offset, into.remaining()));

    @ParameterizedTest
    @MethodSource("pieces")
    void readsInPieces(int piece) {
        INDArray read = new RawBytes(piece).read(DataType.FLOAT, SHAPE, DataType.DOUBLE, SOURCE);
        assertThat(read).isEqualTo(counting().castTo(DataType.DOUBLE));
    }

    @ParameterizedTest
    @MethodSource("pieces")
    void fillsStridedArrayInPieces(int piece) {
        INDArray target = Nd4j.create(DataType.FLOAT, new long[] {5, 3, 4}, 'f').permute(1, 2, 0);
        new RawBytes(piece).fill(target, DataType.FLOAT, SOURCE);
        assertThat(target).isEqualTo(counting());
    }

    @ParameterizedTest
    @MethodSource("pieces")
    void fillsVectorInPieces(int piece) {
        INDArray target = Nd4j.create(DataType.FLOAT, 60);
        new RawBytes(piece).fill(target, DataType.FLOAT, SOURCE);
        assertThat(target).isEqualTo(counting().reshape(60));
    }

    @ParameterizedTest
    @MethodSource("pieces")
    void writesStridedArrayInPieces(int piece) throws IOException {
        INDArray strided = counting().permute(2, 0, 1).dup('f').permute(1, 2, 0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new RawBytes(piece).write(strided, bytes -> {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            assertThat(copy).hasSizeLessThanOrEqualTo(Math.max(piece, Float.BYTES));
            out.write(copy);
        });
        assertThat(out.toByteArray()).isEqualTo(countingBytes().array());
    }
}
