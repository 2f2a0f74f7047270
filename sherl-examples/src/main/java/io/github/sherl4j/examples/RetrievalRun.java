package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.Batch;
import io.github.sherl4j.data.BatchSource;
import io.github.sherl4j.data.PairData;
import io.github.sherl4j.metric.RetrievalMetrics;
import io.github.sherl4j.route.TwoTowerModel;
import io.github.sherl4j.train.TrainReport;
import io.github.sherl4j.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One training of two towers by one method, and what came of it.
 *
 * @param backbones both networks
 * @param defaultRate the method's peak learning rate unless the user gives another
 */
record RetrievalRun(Method method, long seed, List<? extends Backbone<?>> backbones, double defaultRate) {
    /** Pairs to test on: all images and texts, and the image that each text belongs to, which nobody modifies. */
    @SuppressWarnings("ArrayRecordComponent")
    record Test<I extends Batch, T extends Batch>(BatchSource<I> images, BatchSource<T> texts, int[] imageOfText) {}

    /**
     * Trains and measures.
     *
     * @param memory started before the model was made
     */
    <I extends Batch, T extends Batch> RetrievalResult of(
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
            double peakMb = memory.peakMb(backbones, model);
            var residentPeakMb = memory.residentPeakMb();
            try (INDArray images = model.embedImages(test.images(), options.part());
                    INDArray texts = model.embedTexts(test.texts(), options.part())) {
                return new RetrievalResult(
                        method.toString(),
                        seed,
                        RetrievalMetrics.ofEmbeddings(images, texts, test.imageOfText()),
                        model.parameters().count(),
                        report.secondsPerStep(),
                        peakMb,
                        residentPeakMb);
            }
        }
    }
}
