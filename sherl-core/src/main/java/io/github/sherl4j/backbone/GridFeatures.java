package io.github.sherl4j.backbone;

import io.github.sherl4j.data.FeatureRows;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.VisualFeatures;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.nd.Memory;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The last state of a network for pictures as their features, one a grid cell (Jiang et al. 2020), computed when a picture is first
 * asked for and kept on the Java heap. A picture goes by its name with or without its ending, below its source's folder.
 */
public final class GridFeatures implements VisualFeatures, AutoCloseable {
    private final ImageBackbone network;
    private final ImageSource pictures;
    private final ImageTransform transform;
    private final Map<String, Integer> places = new HashMap<>();
    private final Map<Integer, FeatureRows> known = new HashMap<>();
    private final Memory memory;

    /**
     * Features of a source's pictures.
     *
     * @param network frozen; stays open
     */
    public GridFeatures(ImageBackbone network, ImageSource pictures, ImageTransform transform) {
        this.network = network;
        this.pictures = pictures;
        this.transform = transform;
        this.memory = new Memory(network.type());
        for (int i = 0; i < pictures.size(); i++) {
            String name = pictures.name(i);
            places.put(name, i);
            int ending = name.lastIndexOf('.');
            if (ending > 0) {
                places.putIfAbsent(name.substring(0, ending), i);
            }
        }
    }

    @Override
    public synchronized FeatureRows of(String image) {
        Integer index = places.get(image);
        if (index == null) {
            throw new IllegalArgumentException(
                    "There is no picture \"%s\" among %d pictures".formatted(image, pictures.size()));
        }
        return known.computeIfAbsent(index, this::compute);
    }

    private FeatureRows compute(int index) {
        Picture picture = pictures.picture(index)
                .orElseThrow(() -> new IllegalArgumentException(
                        "The picture \"%s\" is damaged, so it has no features".formatted(pictures.name(index))));
        try (ImageBatch batch = transform.batch(1, i -> picture)) {
            memory.reset();
            Context context = network.context(memory, batch, OptionalLong.empty());
            int end = network.blocks().size();
            INDArray last = memory.step().array(network.stateShape(batch, end));
            LastState.infer(network, batch, context, last);
            float[] values = new float[(int) last.length()];
            for (int i = 0; i < values.length; i++) {
                values[i] = last.data().getFloat(i);
            }
            return new FeatureRows((int) network.width(), values);
        }
    }

    /** Frees the working memory. */
    @Override
    public void close() {
        memory.close();
    }
}
