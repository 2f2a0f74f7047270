package io.github.sherl4j.barlow.eval;

import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.LabelledSource;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.HostFloats;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One vector for each labelled picture, on the Java heap, computed once: the training or test data of what learns on top. */
public final class Features implements LabelledSource<FeatureBatch> {
    private static final int AT_ONCE = 128;

    private final float[][] rows;
    private final int[] labels;
    private final List<String> classes;

    private Features(float[][] rows, int[] labels, List<String> classes) {
        this.rows = rows;
        this.labels = labels;
        this.classes = classes;
    }

    /**
     * Features that came from elsewhere.
     *
     * @param rows [examples][width], owned by this from now on
     * @param labels one an example, an index into the classes; copied
     * @param classes their names
     */
    public static Features of(float[][] rows, int[] labels, List<String> classes) {
        Check.argument(rows.length > 0, "rows must be at least 1, but are none");
        Check.argument(
                rows.length == labels.length,
                "labels must be one for each of %s rows, but are %s",
                rows.length,
                labels.length);
        for (float[] row : rows) {
            Check.argument(
                    row.length == rows[0].length,
                    "rows must have one width, but have %s and %s",
                    rows[0].length,
                    row.length);
        }
        for (int label : labels) {
            Check.argument(
                    label >= 0 && label < classes.size(),
                    "labels must be 0 to %s, but one is %s",
                    classes.size() - 1,
                    label);
        }
        return new Features(rows, labels.clone(), List.copyOf(classes));
    }

    /**
     * What a network says of pictures: the mean of its last state over all positions, on running statistics, as the paper's
     * average pool.
     *
     * @param encoder FLOAT, not changed, not closed
     * @param data each picture transformed as for evaluation, without chance
     */
    public static Features of(ImageBackbone encoder, ImageData data) {
        Check.argument(encoder.type() == DataType.FLOAT, "encoder must be FLOAT, but is %s", encoder.type());
        int width = (int) encoder.width();
        Route<ImageBatch> route = new HeadOnly<>(encoder);
        float[][] rows = new float[data.size()][width];
        try (Memory memory = new Memory(DataType.FLOAT);
                HostFloats pooled = new HostFloats(AT_ONCE, width)) {
            for (int[] indices : data.sequentialPlan(AT_ONCE)) {
                try (ImageBatch batch = data.batch(indices)) {
                    memory.reset();
                    Context context = encoder.context(memory, batch, OptionalLong.empty());
                    INDArray states = memory.step().array(route.resultShape(batch));
                    route.infer(batch, context, states);
                    INDArray features = memory.slices(pooled.array(), 0, indices.length);
                    Pooling.MEAN.pool(memory.positions(states), context, features);
                }
                for (int i = 0; i < indices.length; i++) {
                    pooled.get(i * width, rows[indices[i]]);
                }
            }
        }
        return new Features(rows, labels(data), data.labels());
    }

    /** The normalised pixels themselves: what any network has to be better than. */
    public static Features pixels(ImageData data) {
        float[][] rows = IntStream.range(0, data.size())
                .parallel()
                .mapToObj(i -> data.transform().apply(data.picture(i)))
                .toArray(float[][]::new);
        return new Features(rows, labels(data), data.labels());
    }

    private static int[] labels(ImageData data) {
        return IntStream.range(0, data.size()).map(data::label).toArray();
    }

    /** The names of the classes. */
    public List<String> classes() {
        return classes;
    }

    /** Length of each row. */
    public int width() {
        return rows[0].length;
    }

    @Override
    public int size() {
        return rows.length;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    /** One row, not to be modified. */
    float[] row(int index) {
        return rows[index];
    }

    /** All examples in random order, cut into batches, of which the last may be smaller. */
    @Override
    public List<int[]> plan(int batchSize, long seed) {
        Check.argument(batchSize >= 1, "batchSize must be at least 1, but is %s", batchSize);
        int[] order = new int[size()];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        List<int[]> plan = new ArrayList<>();
        for (int from = 0; from < order.length; from += batchSize) {
            plan.add(Arrays.copyOfRange(order, from, Math.min(order.length, from + batchSize)));
        }
        return plan;
    }

    @Override
    public FeatureBatch batch(int[] indices) {
        HostFloats values = new HostFloats(indices.length, width());
        int[] classOfEach = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            values.put(i * width(), rows[indices[i]]);
            classOfEach[i] = labels[indices[i]];
        }
        return new FeatureBatch(values, classOfEach);
    }
}
