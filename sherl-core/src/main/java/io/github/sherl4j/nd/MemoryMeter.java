package io.github.sherl4j.nd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Native memory beyond a baseline, by two independent counts: the exact bytes of all live native arrays (weights, gradients,
 * updater state, arenas, inputs), and what the operating system says of the process.
 *
 * <p>ND4J counts live arrays, not their peak. Since arenas hold their memory from the second step on, the count between two
 * steps is the peak of a step; {@link #sample()} takes note of it. The operating system's high-water mark sees everything,
 * the Java heap and native scratch inside of operations too, and is reset by {@link #start} where Linux allows it.
 */
public final class MemoryMeter {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");
    private static final String RESET_HIGH_WATER_MARK = "5";

    private final long nativeBase;
    private final OptionalLong residentBase;
    private long nativePeak;

    private MemoryMeter() {
        nativeBase = nativeBytes();
        nativePeak = nativeBase;
        residentBase = resetResidentPeak() ? status("VmRSS:") : OptionalLong.empty();
    }

    /** A meter whose baseline is what is alive now. */
    public static MemoryMeter start() {
        return new MemoryMeter();
    }

    /** Bytes of all live native arrays of this process on ND4J's first device, or in main memory without one. */
    public static long nativeBytes() {
        return Nd4j.getEnvironment().getDeviceCouner(0);
    }

    /** Takes note of what is alive now. */
    public void sample() {
        nativePeak = Math.max(nativePeak, nativeBytes());
    }

    /** The most native array bytes beyond the baseline that any sample found. */
    public long peakBytes() {
        return nativePeak - nativeBase;
    }

    /** The peak of the process's resident memory beyond the baseline, in bytes; empty where the system does not tell. */
    public OptionalLong residentPeakBytes() {
        OptionalLong peak = status("VmHWM:");
        return residentBase.isPresent() && peak.isPresent()
                ? OptionalLong.of(peak.getAsLong() - residentBase.getAsLong())
                : OptionalLong.empty();
    }

    /** The process's resident memory now, in bytes; empty where the system does not tell. */
    public static OptionalLong residentBytes() {
        return status("VmRSS:");
    }

    private static boolean resetResidentPeak() {
        if (!Files.isWritable(CLEAR_REFS)) {
            return false;
        }
        try {
            Files.writeString(CLEAR_REFS, RESET_HIGH_WATER_MARK);
            return true;
        } catch (IOException e) {
            return false; // some containers forbid it: the mark then covers the time before, too
        }
    }

    private static OptionalLong status(String key) {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(key))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
