package io.github.sherl4j.examples;

import io.github.sherl4j.data.IdxImages;
import io.github.sherl4j.data.Picture;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Pictures of Fashion-MNIST's ten classes, in two halves: classes 0 to 4 (tops, trousers, dresses, coats) and classes 5 to 9
 * (shoes, shirts, bags).
 *
 * @param train training pictures with labels
 * @param test test pictures with labels
 */
record FashionData(IdxImages train, IdxImages test) {
    /** Classes of a half. */
    static final int CLASSES = 5;

    private static final float WHITE = 255;

    /** Whether a class is among those that the network is made on. */
    enum Half {
        OLD(0),
        NEW(CLASSES);

        private final int first;

        Half(int first) {
            this.first = first;
        }

        private boolean has(int label) {
            return label >= first && label < first + CLASSES;
        }
    }

    /**
     * Reads the four IDX files of the data set's own names, plain or compressed.
     *
     * @throws FileNotFoundException if one of them is missing
     * @throws IllegalArgumentException if one of them is damaged, or the pictures of training and test differ in size
     */
    static FashionData read(Path folder) throws IOException {
        FashionData data = new FashionData(read(folder, "train"), read(folder, "t10k"));
        int side = data.side();
        for (IdxImages images : List.of(data.train, data.test)) {
            Picture first = images.picture(0).orElseThrow();
            if (first.width() != side || first.height() != side) {
                throw new IllegalArgumentException(
                        "%s: expected square pictures of one size, but found %d x %d and %d x %d"
                                .formatted(folder, side, side, first.width(), first.height()));
            }
        }
        return data;
    }

    private static IdxImages read(Path folder, String part) throws IOException {
        return IdxImages.read(file(folder, part + "-images-idx3-ubyte"), file(folder, part + "-labels-idx1-ubyte"));
    }

    private static Path file(Path folder, String name) throws FileNotFoundException {
        for (String candidate : List.of(name, name + ".gz")) {
            if (Files.isRegularFile(folder.resolve(candidate))) {
                return folder.resolve(candidate);
            }
        }
        throw new FileNotFoundException(
                "%s: expected the file %s, plain or as .gz; see --help on where to get it".formatted(folder, name));
    }

    /** Height and width of a picture. */
    int side() {
        return train.picture(0).orElseThrow().width();
    }

    /** At most so many shuffled training pictures of one half, in batches: the same ones for the same seed. */
    List<DataSet> training(Half half, int limit, int batch, long seed) {
        return batches(train, half, limit, batch, seed);
    }

    /** The same of the test pictures. */
    List<DataSet> testing(Half half, int limit, int batch, long seed) {
        return batches(test, half, limit, batch, seed);
    }

    /** An iterator of Deeplearning4j over batches, which stay as they are. */
    static DataSetIterator iterator(List<DataSet> batches) {
        return new ExistingDataSetIterator((Iterable<DataSet>) batches);
    }

    private static List<Integer> indices(IdxImages images, Half half) {
        List<Integer> indices = IntStream.range(0, images.size())
                .filter(i -> half.has(images.label(i)))
                .boxed()
                .collect(Collectors.toCollection(ArrayList::new));
        if (indices.isEmpty()) {
            throw new IllegalArgumentException(
                    "There are no pictures of the classes %d to %d".formatted(half.first, half.first + CLASSES - 1));
        }
        return indices;
    }

    private static List<DataSet> batches(IdxImages images, Half half, int limit, int batch, long seed) {
        List<Integer> all = indices(images, half);
        Collections.shuffle(all, new Random(seed));
        List<Integer> indices = all.subList(0, Math.min(limit, all.size()));
        List<DataSet> batches = new ArrayList<>();
        for (int from = 0; from < indices.size(); from += batch) {
            batches.add(batch(images, half, indices.subList(from, Math.min(from + batch, indices.size()))));
        }
        return batches;
    }

    /** Features [batch, 1, side, side] from 0 to 1, labels [batch, 5]. */
    private static DataSet batch(IdxImages images, Half half, List<Integer> indices) {
        Picture first = images.picture(indices.get(0)).orElseThrow();
        int pixels = first.width() * first.height();
        float[] features = new float[indices.size() * pixels];
        INDArray labels = Nd4j.create(DataType.FLOAT, indices.size(), CLASSES);
        for (int i = 0; i < indices.size(); i++) {
            byte[] bytes = images.picture(indices.get(i)).orElseThrow().pixels();
            for (int k = 0; k < pixels; k++) {
                features[i * pixels + k] = (bytes[k] & 0xff) / WHITE;
            }
            labels.putScalar(i, images.label(indices.get(i)) - half.first, 1);
        }
        return new DataSet(
                Nd4j.createFromArray(features).reshape(indices.size(), 1, first.height(), first.width()), labels);
    }
}
