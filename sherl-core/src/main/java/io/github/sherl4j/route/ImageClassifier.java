package io.github.sherl4j.route;

import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.List;

/** A classifier of pictures, which it resizes and normalises as its options say. */
public class ImageClassifier extends Classifier<ImageBatch> {
    private static final long HEAD_USE = 2;
    private static final int AT_ONCE = 32;

    private final ImageBackbone backbone;
    private final ImageClassifierOptions options;

    /**
     * A classifier with a new head.
     *
     * @param backbone shared; stays open
     * @param route through that backbone; its parameters become trainable
     */
    public ImageClassifier(ImageBackbone backbone, Route<ImageBatch> route, ImageClassifierOptions options) {
        super(
                backbone,
                route,
                new ClassificationHead(
                        options.pooling(),
                        backbone.width(),
                        options.labels().size(),
                        backbone.type(),
                        Rng.derive(options.seed(), HEAD_USE)),
                options.labels());
        this.backbone = backbone;
        this.options = options;
    }

    /**
     * Classifies pictures; their labels are not looked at.
     *
     * @return a prediction for each, in their order
     */
    public List<Prediction> predict(List<Picture> pictures) {
        List<Prediction> predictions = new ArrayList<>();
        for (int from = 0; from < pictures.size(); from += AT_ONCE) {
            List<Picture> some = pictures.subList(from, Math.min(pictures.size(), from + AT_ONCE));
            try (ImageBatch batch = options.transform().batch(some.size(), some::get)) {
                for (double[] row : probabilities(batch)) {
                    predictions.add(Prediction.of(options.labels(), row));
                }
            }
        }
        return predictions;
    }

    /**
     * Labelled pictures as this model needs them.
     *
     * @param source its classes are this model's, in the same order
     */
    public ImageData data(ImageSource source) {
        Check.argument(
                source.labels().equals(options.labels()),
                "source must have this model's classes %s, but has %s",
                options.labels(),
                source.labels());
        return ImageData.of(source, options.transform());
    }

    /** The options. */
    public ImageClassifierOptions options() {
        return options;
    }

    /** The network that this model shares. */
    public ImageBackbone backbone() {
        return backbone;
    }
}
