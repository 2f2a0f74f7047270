package io.github.sherl4j.nd;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settings of native memory that can still be made from inside a running program. Called once, early: large arrays are to go
 * back to the system when they are freed, and a leak is to end in an error that says so instead of in the system's killing
 * the process. Then ND4J's backend is loaded, and one line of the log tells which it is.
 */
public final class NativeMemory {
    private static final Logger LOG = LoggerFactory.getLogger(NativeMemory.class);
    private static final String LIMIT = "org.bytedeco.javacpp.maxphysicalbytes";
    private static final int M_MMAP_THRESHOLD = -3;
    private static final int M_TRIM_THRESHOLD = -1;
    private static final int ONE_MEGABYTE = 1 << 20;
    private static final int WARM_BYTES = 16 << 20;

    private static boolean initialized;
    private static @Nullable LibC libC;
    private static boolean warm;

    private NativeMemory() {}

    /** The part of the C library that is used. */
    private interface LibC extends Library {
        int mallopt(int parameter, int value);
    }

    /**
     * Makes the settings. Idempotent; what cannot be set any more, or not on this system, is logged once.
     *
     * @throws IllegalStateException if no backend of ND4J can run here, as that of CUDA without a GPU: says why and what to do
     */
    public static synchronized void initialize() {
        if (initialized) {
            return;
        }
        if (Platform.isLinux()) {
            tuneAllocator();
        }
        if (System.getProperty(LIMIT) == null) {
            LOG.info("No -D{}=SIZE is set: native memory is bounded by 4 x the Java heap's maximum only", LIMIT);
        }
        Backend.start();
        initialized = true;
    }

    /**
     * Tells whether an arena holds all it needs, or is about to allocate array by array. In a warm round the native library
     * alone asks for memory: in many products and convolutions for a block as large as the weights, which it gives back at
     * once. To map such a block anew each time costs more than the work itself, so blocks up to 16 megabytes are kept then.
     */
    static synchronized void warm(boolean nowWarm) {
        if (libC != null && nowWarm != warm) {
            warm = nowWarm;
            libC.mallopt(M_MMAP_THRESHOLD, nowWarm ? WARM_BYTES : ONE_MEGABYTE);
            libC.mallopt(M_TRIM_THRESHOLD, nowWarm ? 2 * WARM_BYTES : ONE_MEGABYTE);
        }
    }

    /** Blocks from a megabyte on are mapped one by one, so that freeing them gives their memory back at once. */
    private static void tuneAllocator() {
        try {
            LibC loaded = Native.load("c", LibC.class);
            boolean set = loaded.mallopt(M_MMAP_THRESHOLD, ONE_MEGABYTE) == 1
                    && loaded.mallopt(M_TRIM_THRESHOLD, ONE_MEGABYTE) == 1;
            if (set) {
                libC = loaded;
            } else {
                LOG.info("The C library did not take the allocator's thresholds; freed arrays may stay resident");
            }
        } catch (UnsatisfiedLinkError | NoSuchMethodError e) {
            LOG.info("The C library has no mallopt; freed arrays may stay resident: {}", e.getMessage());
        }
    }
}
