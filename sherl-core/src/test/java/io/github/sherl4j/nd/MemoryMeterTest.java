package io.github.sherl4j.nd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class MemoryMeterTest {
    private static final int MEGABYTE = 1 << 20;

    @Test
    void countsLiveArraysExactly() throws InterruptedException {
        long before = NativeBytes.settled();
        INDArray floats = TestArrays.blank(DataType.FLOAT, 1000);
        INDArray doubles = TestArrays.blank(DataType.DOUBLE, 10, 10);
        assertThat(MemoryMeter.nativeBytes() - before).isEqualTo(4000 + 800);
        floats.close();
        assertThat(MemoryMeter.nativeBytes() - before).isEqualTo(800);
        doubles.close();
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
    }

    @Test
    void thePeakIsTheMostThatASampleFound() throws InterruptedException {
        NativeBytes.settled();
        MemoryMeter meter = MemoryMeter.start();
        assertThat(meter.peakBytes()).isZero();
        INDArray first = TestArrays.blank(DataType.FLOAT, 1000);
        meter.sample();
        first.close();
        INDArray second = TestArrays.blank(DataType.FLOAT, 500);
        meter.sample();
        second.close();
        meter.sample();

        assertThat(meter.peakBytes()).isEqualTo(4000);
    }

    @Test
    void theOperatingSystemSeesMemoryThatIsUsed() {
        assumeThat(MemoryMeter.residentBytes()).isPresent();
        MemoryMeter meter = MemoryMeter.start();
        assumeThat(meter.residentPeakBytes()).isPresent();

        try (Arena arena = new Arena(DataType.FLOAT)) {
            arena.array(64 * MEGABYTE / Float.BYTES).assign(1);
        }

        assertThat(meter.residentPeakBytes().orElseThrow()).isGreaterThan(48L * MEGABYTE);
        assertThat(MemoryMeter.residentBytes().orElseThrow()).isPositive();
    }
}
