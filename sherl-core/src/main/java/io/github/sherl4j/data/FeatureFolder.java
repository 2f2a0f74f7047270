package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A folder of {@code NAME.safetensors} files, one a picture, each with a tensor {@code features} [regions, width] or
 * [rows, columns, width]. A file is read whenever its picture comes in a batch, so a data set may be larger than memory.
 */
public final class FeatureFolder implements VisualFeatures {
    private static final String TENSOR = "features";

    private final Path folder;

    /**
     * A folder that exists.
     *
     * @throws IOException if it does not
     */
    public FeatureFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString(), null, "expected a folder of feature files");
        }
        this.folder = folder;
    }

    @Override
    public FeatureRows of(String image) {
        Path file = file(image);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            Check.argument(
                    tensors.names().contains(TENSOR),
                    "%s must have a tensor \"%s\", but has %s",
                    file,
                    TENSOR,
                    tensors.names());
            long[] shape = tensors.shape(TENSOR);
            Check.argument(
                    (shape.length == 2 || shape.length == 3)
                            && Arrays.stream(shape).allMatch(size -> size > 0),
                    "%s must have features of shape [regions, width] or [rows, columns, width], but has %s",
                    file,
                    Arrays.toString(shape));
            try (INDArray values = tensors.read(TENSOR, DataType.FLOAT)) {
                return new FeatureRows(
                        (int) shape[shape.length - 1], values.data().asFloat());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The features of \"%s\" cannot be read".formatted(image), e);
        }
    }

    /**
     * Writes the features of one picture.
     *
     * @throws IOException if the file cannot be written; an older one is unharmed then
     */
    public void write(String image, FeatureRows rows) throws IOException {
        try (INDArray flat = Nd4j.createFromArray(rows.values())) {
            INDArray features = flat.reshape('c', rows.rows(), rows.width());
            SafeTensors.write(file(image), Map.of(TENSOR, features), Map.of());
        }
    }

    private Path file(String image) {
        Path file = folder.resolve(image + ".safetensors").normalize();
        Check.argument(
                file.startsWith(folder.normalize()), "The picture \"%s\" must be named inside of %s", image, folder);
        return file;
    }
}
