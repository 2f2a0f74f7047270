package io.github.sherl4j.train;

import org.nd4j.linalg.factory.Nd4j;

/** Bytes of native arrays that are alive. */
final class NativeBytes {
    private NativeBytes() {}

    static long now() {
        return Nd4j.getEnvironment().getDeviceCouner(0);
    }

    /** The count once the garbage collector has found all that can be found: after it stayed the same for a while. */
    static long settled() throws InterruptedException {
        long last = -1;
        int same = 0;
        while (same < 3) {
            System.gc();
            Thread.sleep(50);
            long bytes = now();
            same = bytes == last ? same + 1 : 0;
            last = bytes;
        }
        return last;
    }
}
