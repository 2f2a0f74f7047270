package io.github.sherl4j.nd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.nd4j.common.io.Resource;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;

class BackendTest {
    private static class Cpu extends Nd4jBackend {
        @Override
        public boolean allowsOrder() {
            return true;
        }

        @Override
        public int getPriority() {
            return BACKEND_PRIORITY_CPU;
        }

        @Override
        public boolean isAvailable() {
            return true;
        }

        @Override
        public boolean canRun() {
            return true;
        }

        @Override
        public Resource getConfigurationResource() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Class<?> getNDArrayClass() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Environment getEnvironment() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String buildInfo() {
            return "";
        }

        @Override
        public void logBackendInit() {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Gpu extends Cpu {
        @Override
        public int getPriority() {
            return BACKEND_PRIORITY_GPU;
        }

        @Override
        public boolean canRun() {
            throw new IllegalStateException(new UnsatisfiedLinkError("no driver"));
        }
    }

    private static final class Refusing extends Cpu {
        @Override
        public boolean canRun() {
            return false;
        }
    }

    @Test
    void whyNoBackendCanRunIsOneSentenceWithAdvice() {
        assertThatThrownBy(() -> Backend.requireUsable(List.of(new Gpu())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("ND4J's Gpu cannot run here: no driver. A GPU needs NVIDIA's driver")
                .hasMessageContaining("nd4j-native instead of nd4j-cuda-11.6");
        assertThatThrownBy(() -> Backend.requireUsable(List.of(new Refusing())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("ND4J's Refusing cannot run here: it says that it cannot");
        assertThatThrownBy(() -> Backend.requireUsable(List.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(
                        "There is no backend of ND4J on the class path: add the dependency nd4j-native");
    }

    @Test
    void aCpuStandsInForAGpuThatIsNotThere() {
        assertThatCode(() -> Backend.requireUsable(List.of(new Cpu(), new Gpu())))
                .doesNotThrowAnyException();
    }

    @Test
    void theLineNamesBackendDeviceThreadsAndBlas() {
        Properties environment = new Properties();
        environment.put("backend", "CUDA");
        environment.put("blas.vendor", "CUBLAS");
        environment.put(
                "cuda.devicesInformation",
                List.of(Map.of("cuda.deviceName", "A100", "cuda.deviceMajor", 8, "cuda.deviceMinor", 0)));
        assertThat(Backend.describe(environment))
                .isEqualTo(
                        "ND4J computes on CUDA (A100, compute capability 8.0) with the device's threads, the device's"
                                + " of BLAS (CUBLAS)");
        assertThat(Backend.describe(Nd4j.getExecutioner().getEnvironmentInformation()))
                .matches("ND4J computes on (CPU \\(\\d+ cores\\) with \\d+ threads, \\d+ of BLAS|CUDA).*");
    }

    @Test
    void aGpuNewerThanTheMachineCodeIsRefused() {
        Properties environment = new Properties();
        environment.put(
                "cuda.devicesInformation",
                List.of(Map.of("cuda.deviceName", "H100", "cuda.deviceMajor", 9, "cuda.deviceMinor", 0)));
        assertThatThrownBy(() -> Backend.describe(environment))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("The GPU H100, compute capability 9.0 is newer than ND4J's CUDA backend");
    }
}
