package io.github.sherl4j.barlow.eval;

import io.github.sherl4j.barlow.view.ViewMaker;
import io.github.sherl4j.barlow.view.ViewOptions;
import io.github.sherl4j.barlow.view.ViewRecipe;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.LabelledSource;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.nd.HostFloats;
import io.github.sherl4j.nd.InParallel;
import io.github.sherl4j.nd.Rng;
import java.util.List;

/**
 * Labelled pictures, each with a crop and a flip of its own in each epoch, as probes and fine-tuning are trained with. An epoch
 * begins with its plan; what happens to a picture hangs on the plan's seed and the picture's number. One thread at a time.
 */
public final class AugmentedImages implements LabelledSource<ImageBatch> {
    private final ImageData data;
    private final ViewMaker maker;
    private final int size;
    private long seed;

    /**
     * Pictures of a size and a norm as their transform says.
     *
     * @param recipe such as {@link ViewRecipe#cropAndFlip}, of the transform's size
     */
    public AugmentedImages(ImageData data, ViewRecipe recipe) {
        this.data = data;
        this.maker =
                new ViewMaker(new ViewOptions(recipe, recipe, data.transform().norm()));
        this.size = recipe.crop().size();
    }

    @Override
    public int size() {
        return data.size();
    }

    @Override
    public int label(int index) {
        return data.label(index);
    }

    @Override
    public List<int[]> plan(int batchSize, long planSeed) {
        this.seed = planSeed;
        return data.plan(batchSize, planSeed);
    }

    @Override
    public ImageBatch batch(int[] indices) {
        HostFloats pixels = new HostFloats(
                indices.length, size, size, data.transform().norm().channels());
        try {
            int[] labels = new int[indices.length];
            InParallel.forEach(indices.length, row -> {
                Picture picture = data.picture(indices[row]);
                labels[row] = picture.label();
                float[] numbers = new float[maker.length()];
                maker.normalize(maker.view(picture, ViewMaker.View.FIRST, Rng.derive(seed, indices[row])), numbers);
                pixels.put(row * numbers.length, numbers);
            });
            return ImageBatch.of(pixels.array(), labels);
        } catch (RuntimeException | Error e) {
            pixels.close();
            throw e;
        }
    }
}
