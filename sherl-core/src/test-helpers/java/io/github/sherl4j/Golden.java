package io.github.sherl4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.weights.SafeTensors;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Numbers of the reference implementation: from the folder that the system property {@code sherl.golden} names, else from
 * the test resources. Double precision must agree to 1e-6 and single precision to 1e-4, relative to the largest number of
 * the tensor; a tensor that is zero by construction must be so relative to the file's largest gradient.
 */
public final class Golden implements AutoCloseable {
    private static final double ZERO = 1e-9;

    private final String name;
    private final DataType type;
    private final SafeTensors file;
    private double worst;

    public Golden(String name, DataType type) {
        this.name = name;
        this.type = type;
        try {
            this.file = SafeTensors.open(folder().resolve(name + ".safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder() {
        String property = System.getProperty("sherl.golden", "");
        if (!property.isEmpty()) {
            return Path.of(property);
        }
        try {
            return Path.of(
                    Objects.requireNonNull(Golden.class.getResource("/golden")).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public DataType type() {
        return type;
    }

    public Map<String, String> metadata() {
        return file.metadata();
    }

    public int number(String key) {
        return Integer.parseInt(Objects.requireNonNull(metadata().get(key), key));
    }

    public double real(String key) {
        return Double.parseDouble(Objects.requireNonNull(metadata().get(key), key));
    }

    public boolean has(String tensor) {
        return file.names().contains(tensor);
    }

    public Set<String> names() {
        return file.names();
    }

    public INDArray array(String tensor) {
        return file.read(tensor, type);
    }

    public int[] integers(String tensor) {
        try (INDArray array = file.read(tensor, DataType.INT32)) {
            return array.data().asInt();
        }
    }

    /** The file's tensors below a prefix, as a file of its own. */
    public WeightSource below(String prefix) {
        return new WeightSource() {
            @Override
            public String origin() {
                return file.origin();
            }

            @Override
            public Set<String> names() {
                Set<String> names = new LinkedHashSet<>();
                for (String tensor : file.names()) {
                    if (tensor.startsWith(prefix)) {
                        names.add(tensor.substring(prefix.length()));
                    }
                }
                return names;
            }

            @Override
            public long[] shape(String tensor) {
                return file.shape(prefix + tensor);
            }

            @Override
            public DataType type(String tensor) {
                return file.type(prefix + tensor);
            }

            @Override
            public INDArray read(String tensor, DataType as) {
                return file.read(prefix + tensor, as);
            }

            @Override
            public void close() {}
        };
    }

    public void check(String tensor, INDArray actual) {
        try (INDArray expected = file.read(tensor, DataType.DOUBLE);
                INDArray found = actual.castTo(DataType.DOUBLE).dup('c').reshape(expected.shape())) {
            double scale = expected.amaxNumber().doubleValue();
            double difference = expected.sub(found).amaxNumber().doubleValue();
            if (scale < ZERO) {
                double allowed = largestGradient() * (type == DataType.DOUBLE ? 1e-8 : 1e-5);
                assertThat(difference)
                        .as("%s of %s, zero by construction", tensor, name)
                        .isLessThanOrEqualTo(allowed);
            } else {
                worst = Math.max(worst, difference / scale);
                double allowed = type == DataType.DOUBLE ? 1e-6 : 1e-4;
                assertThat(difference / scale).as("%s of %s", tensor, name).isLessThanOrEqualTo(allowed);
            }
        }
    }

    /** The largest error so far. */
    public double worst() {
        return worst;
    }

    private double largestGradient() {
        double largest = 0;
        for (String tensor : file.names()) {
            if (tensor.startsWith("grad.")) {
                try (INDArray gradient = file.read(tensor, DataType.DOUBLE)) {
                    largest = Math.max(largest, gradient.amaxNumber().doubleValue());
                }
            }
        }
        return largest;
    }

    @Override
    public void close() {
        System.getLogger(Golden.class.getName())
                .log(System.Logger.Level.INFO, "{0} in {1}: largest error {2}", name, type, String.valueOf(worst));
        file.close();
    }
}
