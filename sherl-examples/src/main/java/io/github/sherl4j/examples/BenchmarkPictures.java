package io.github.sherl4j.examples;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.LabelledSource;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.SherlConfig;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A residual network and pictures of random pixels. SHERL's adapter is the published one of the image tower, a quarter of the
 * network's width; trained as a whole, the network's norms take the statistics of the batch.
 *
 * @param size rows and columns of a picture
 */
record BenchmarkPictures(ResNetConfig config, int batch, int size) implements BenchmarkNetwork<ImageBatch> {
    @Override
    public Backbone<ImageBatch> frozen() {
        try (ResNetBackbone whole = ResNetBackbone.random(config, DataType.FLOAT, SEED)) {
            return whole.folded();
        }
    }

    @Override
    public Backbone<ImageBatch> trainable() {
        ResNetBackbone backbone = ResNetBackbone.random(config, DataType.FLOAT, SEED);
        backbone.statistics(BatchNorm.Statistics.BATCH);
        return backbone;
    }

    @Override
    public SherlConfig sherl() {
        return SherlConfig.defaults().withPreset(AdapterPreset.VSE_IMAGE).withTaps(config.stageTaps());
    }

    @Override
    public LabelledSource<ImageBatch> data(int examples) {
        return new RandomPictures(examples);
    }

    /** Pixels are drawn when a batch is asked for. */
    private final class RandomPictures implements LabelledSource<ImageBatch> {
        private final int count;

        RandomPictures(int count) {
            this.count = count;
        }

        @Override
        public int size() {
            return count;
        }

        @Override
        public List<int[]> plan(int batchSize, long seed) {
            return sequentialPlan(batchSize);
        }

        @Override
        public int label(int index) {
            return index % 2;
        }

        @Override
        public ImageBatch batch(int[] indices) {
            INDArray pixels = Nd4j.createUninitialized(DataType.FLOAT, indices.length, size, size, 3);
            try (Rng rng = new Rng(Rng.derive(SEED, indices[0]))) {
                rng.gaussian(pixels, 0, 1);
            }
            return ImageBatch.of(pixels, Arrays.stream(indices).map(this::label).toArray());
        }
    }
}
