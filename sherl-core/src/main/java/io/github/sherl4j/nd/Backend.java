package io.github.sherl4j.nd;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which of ND4J's backends computes, and on what: the application chooses by its class path. */
public final class Backend {
    private static final Logger LOG = LoggerFactory.getLogger(Backend.class);
    /** The newest architecture that the CUDA backend has machine code for. */
    private static final int NEWEST_CAPABILITY = 8;

    private static final String GPU_HELP =
            "A GPU needs NVIDIA's driver, and CUDA 11.6 installed or the dependency org.bytedeco:cuda with the"
                    + " classifier linux-x86_64-redist or windows-x86_64-redist; without one take nd4j-native instead of"
                    + " nd4j-cuda-11.6";

    private Backend() {}

    /**
     * Makes sure that there is a backend that can run here, and logs one line on it.
     *
     * @throws IllegalStateException if there is none: says why, and what to do
     */
    static void start() {
        requireUsable(onClassPath());
        LOG.info(describe(Nd4j.getExecutioner().getEnvironmentInformation()));
    }

    /** Whether there is a backend for a GPU, and a GPU that it can run on. */
    public static boolean hasGpu() {
        return onClassPath().stream()
                .anyMatch(backend -> isForGpu(backend) && trouble(backend).isEmpty());
    }

    private static List<Nd4jBackend> onClassPath() {
        List<Nd4jBackend> found = new ArrayList<>();
        ND4JClassLoading.loadService(Nd4jBackend.class).forEach(found::add);
        return found;
    }

    private static boolean isForGpu(Nd4jBackend backend) {
        return backend.getPriority() == Nd4jBackend.BACKEND_PRIORITY_GPU;
    }

    /** Fails unless one of the backends can run; those of higher priority that cannot are logged. */
    static void requireUsable(List<Nd4jBackend> found) {
        if (found.isEmpty()) {
            throw new IllegalStateException(
                    "There is no backend of ND4J on the class path: add the dependency nd4j-native, or nd4j-cuda-11.6"
                            + " for a GPU");
        }
        List<Nd4jBackend> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingInt(Nd4jBackend::getPriority).reversed());
        List<String> reasons = new ArrayList<>();
        boolean gpu = false;
        for (Nd4jBackend backend : sorted) {
            String reason = trouble(backend);
            if (reason.isEmpty()) {
                reasons.forEach(other -> LOG.warn("Computing on {}, since {}", nameOf(backend), other));
                return;
            }
            reasons.add("%s cannot run here: %s".formatted(nameOf(backend), reason));
            gpu |= isForGpu(backend);
        }
        throw new IllegalStateException("ND4J's " + String.join("; ", reasons) + (gpu ? ". " + GPU_HELP : ""));
    }

    private static String nameOf(Nd4jBackend backend) {
        return backend.getClass().getSimpleName();
    }

    /** Why a backend cannot run; empty if it can. */
    private static String trouble(Nd4jBackend backend) {
        try {
            // Not isAvailable(): that of CUDA is the same, but prints a stack trace.
            return backend.canRun() ? "" : "it says that it cannot";
        } catch (RuntimeException | LinkageError e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return Objects.requireNonNullElse(root.getMessage(), root.toString());
        }
    }

    /**
     * Backend, device, threads and BLAS in one line.
     *
     * @param environment as ND4J's executioner tells it
     * @throws IllegalStateException if a GPU is newer than the backend's machine code
     */
    static String describe(Properties environment) {
        List<String> devices = new ArrayList<>();
        if (environment.get(Nd4jEnvironment.CUDA_DEVICE_INFORMATION_KEY) instanceof List<?> list) {
            for (Object item : list) {
                devices.add(device((Map<?, ?>) item));
            }
        }
        return "ND4J computes on %s (%s) with %s threads, %s of BLAS (%s)"
                .formatted(
                        environment.get(Nd4jEnvironment.BACKEND_KEY),
                        devices.isEmpty()
                                ? environment.get(Nd4jEnvironment.CPU_CORES_KEY) + " cores"
                                : String.join(", ", devices),
                        environment.getOrDefault(Nd4jEnvironment.OMP_THREADS_KEY, "the device's"),
                        environment.getOrDefault(Nd4jEnvironment.BLAS_THREADS_KEY, "the device's"),
                        environment.get(Nd4jEnvironment.BLAS_VENDOR_KEY));
    }

    private static String device(Map<?, ?> information) {
        Object name = information.get(Nd4jEnvironment.CUDA_DEVICE_NAME_KEY);
        Object major = information.get(Nd4jEnvironment.CUDA_DEVICE_MAJOR_VERSION_KEY);
        Object minor = information.get(Nd4jEnvironment.CUDA_DEVICE_MINOR_VERSION_KEY);
        String device = "%s, compute capability %s.%s".formatted(name, major, minor);
        if (major instanceof Number number && number.intValue() > NEWEST_CAPABILITY) {
            throw new IllegalStateException(
                    "The GPU %s is newer than ND4J's CUDA backend, which has machine code for 3.7 to 8.6: take nd4j-native instead of nd4j-cuda-11.6, or another card"
                            .formatted(device));
        }
        return device;
    }
}
