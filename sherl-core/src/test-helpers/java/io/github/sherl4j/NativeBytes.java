package io.github.sherl4j;

import io.github.sherl4j.nd.MemoryMeter;
import org.nd4j.linalg.factory.Nd4j;

/** Counts of native arrays and objects, undisturbed by what earlier tests left to the garbage collector. */
public final class NativeBytes {
    private NativeBytes() {}

    /** The count once the garbage collector has found all that can be found: after it stayed the same for a while. */
    public static long settled() throws InterruptedException {
        long last = -1;
        int same = 0;
        while (same < 5) {
            System.gc();
            Thread.sleep(40);
            long bytes = MemoryMeter.nativeBytes();
            same = bytes == last ? same + 1 : 0;
            last = bytes;
        }
        return last;
    }

    /** How many native objects that the garbage collector has to know some work makes. */
    public static long created(Runnable work) {
        long before = Nd4j.getDeallocatorService().nextValue();
        work.run();
        return Nd4j.getDeallocatorService().nextValue() - before - 1;
    }
}
