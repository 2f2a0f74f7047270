package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.Batch;
import io.github.sherl4j.data.BatchSource;
import io.github.sherl4j.data.PairData;
import io.github.sherl4j.metric.RetrievalMetrics;
import io.github.sherl4j.route.PairLoss;
import io.github.sherl4j.route.TwoTowerModel;
import io.github.sherl4j.train.TrainReport;
import io.github.sherl4j.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One training of two towers by one method, and what came of it.
 *
 * @param images the network of images or videos
 * @param texts the network of texts
 * @param loss of the pairs
 * @param defaultRate the method's peak learning rate unless the user gives another
 */
record RetrievalRun<I extends Batch, T extends Batch>(
        Method method, long seed, Backbone<I> images, Backbone<T> texts, PairLoss loss, double defaultRate) {
    /** Pairs to test on: all images and texts, and the image that each text belongs to, which nobody modifies. */
    @SuppressWarnings("ArrayRecordComponent")
    record Test<I extends Batch, T extends Batch>(BatchSource<I> images, BatchSource<T> texts, int[] imageOfText) {
        RetrievalMetrics measure(TwoTowerModel<I, T> model, int atOnce) {
            try (INDArray ofImages = model.embedImages(images, atOnce);
                    INDArray ofTexts = model.embedTexts(texts, atOnce)) {
                return RetrievalMetrics.ofEmbeddings(ofImages, ofTexts, imageOfText);
            }
        }
    }

    /**
     * Trains and measures; saves what SHERL learned, if asked, and loads it again.
     *
     * @param memory started before the model was made
     */
    RetrievalResult of(
            TwoTowerModel<I, T> model,
            PairData<I, T> train,
            Test<I, T> test,
            PairOptions options,
            TrainingMemory memory,
            PrintWriter err)
            throws IOException {
        options.cache(method, model);
        try (ProgressListener progress = new ProgressListener(method.toString(), err)) {
            TrainReport report = new Trainer(options.config(defaultRate, seed), memory, progress)
                    .fit(model, train.withParts(options.part(), options.part()), null);
            double peakMb = memory.peakMb(List.of(images, texts), model);
            var residentPeakMb = memory.residentPeakMb();
            RetrievalMetrics metrics = test.measure(model, options.part());
            Path folder = options.save();
            if (method == Method.SHERL && folder != null) {
                model.save(folder);
                requireSame(metrics, test, options.part(), folder);
            }
            return new RetrievalResult(
                    method.toString(),
                    seed,
                    metrics,
                    model.parameters().count(),
                    report.secondsPerStep(),
                    peakMb,
                    residentPeakMb);
        }
    }

    private void requireSame(RetrievalMetrics trained, Test<I, T> test, int atOnce, Path folder) throws IOException {
        try (TwoTowerModel<I, T> loaded = TwoTowerModel.load(images, texts, loss, folder)) {
            RetrievalMetrics metrics = test.measure(loaded, atOnce);
            if (!metrics.equals(trained)) {
                throw new IllegalStateException(
                        "The adapters saved in %s find otherwise than those they were saved from: %s"
                                .formatted(folder, metrics));
            }
        }
    }
}
