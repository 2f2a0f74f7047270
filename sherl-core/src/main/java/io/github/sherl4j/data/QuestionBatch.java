package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Questions, each with its picture's features and the scores of its answers. The arrays belong to the batch. */
public final class QuestionBatch implements Batch {
    private final TokenBatch questions;
    private final INDArray features;
    private final INDArray featureMask;
    private final @Nullable INDArray scores;

    private QuestionBatch(TokenBatch questions, INDArray features, INDArray featureMask, @Nullable INDArray scores) {
        this.questions = questions;
        this.features = features;
        this.featureMask = featureMask;
        this.scores = scores;
    }

    /**
     * Pads questions and features to one length each.
     *
     * @param questions at least one
     * @param features as many, all of one width
     * @param scores [batch][answers] from 0 to 1, or an empty array if there are none; not modified
     * @return the batch, closed by the caller
     */
    public static QuestionBatch of(List<TokenizedText> questions, List<FeatureRows> features, float[][] scores) {
        Check.argument(
                features.size() == questions.size(),
                "features must be those of %s pictures, one a question, but are of %s",
                questions.size(),
                features.size());
        Check.argument(
                scores.length == 0 || scores.length == questions.size(),
                "scores must be none, or a row for each of %s questions, but are %s rows",
                questions.size(),
                scores.length);
        int width = features.get(0).width();
        int most = 0;
        for (FeatureRows rows : features) {
            Check.argument(
                    rows.width() == width,
                    "features must have one width, but one picture's have %s and another's %s",
                    width,
                    rows.width());
            most = Math.max(most, rows.rows());
        }
        float[] values = new float[questions.size() * most * width];
        float[][] mask = new float[questions.size()][most];
        for (int i = 0; i < features.size(); i++) {
            FeatureRows rows = features.get(i);
            System.arraycopy(rows.values(), 0, values, i * most * width, rows.values().length);
            Arrays.fill(mask[i], 0, rows.rows(), 1f);
        }
        TokenBatch tokens = TokenBatch.of(questions, new int[0]);
        MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        try {
            INDArray array = Nd4j.createUninitialized(DataType.FLOAT, questions.size(), most, width);
            array.data().setData(values);
            return new QuestionBatch(
                    tokens,
                    array,
                    Nd4j.createFromArray(mask),
                    scores.length == 0 ? null : Nd4j.createFromArray(scores));
        } finally {
            outside.close();
        }
    }

    /**
     * Features that are an array already.
     *
     * @param questions owned by the batch from now on
     * @param features FLOAT [batch, features, width], owned by the batch from now on; what the mask hides may be any number
     * @param featureMask FLOAT [batch, features], 1 for a feature and 0 for padding; owned by the batch from now on
     * @param scores [batch, answers] from 0 to 1, owned by the batch from now on; null if there are none
     */
    public static QuestionBatch of(
            TokenBatch questions, INDArray features, INDArray featureMask, @Nullable INDArray scores) {
        Check.shape("features", features, questions.size(), Check.ANY, Check.ANY);
        Check.shape("featureMask", featureMask, questions.size(), features.size(1));
        if (scores != null) {
            Check.shape("scores", scores, questions.size(), Check.ANY);
        }
        return new QuestionBatch(questions, features, featureMask, scores);
    }

    /** The questions' word pieces, owned by this batch. */
    public TokenBatch questions() {
        return questions;
    }

    /** FLOAT [batch, features, width], zeros as padding; owned by this batch. */
    public INDArray features() {
        return features;
    }

    /** FLOAT [batch, features], 1 for a feature and 0 for padding; owned by this batch. */
    public INDArray featureMask() {
        return featureMask;
    }

    /**
     * FLOAT [batch, answers]; owned by this batch.
     *
     * @throws IllegalStateException if the questions have no answers
     */
    public INDArray scores() {
        if (scores == null) {
            throw new IllegalStateException("this batch has no scores of answers");
        }
        return scores;
    }

    @Override
    public int size() {
        return questions.size();
    }

    /** Frees the arrays. */
    @Override
    public void close() {
        questions.close();
        features.close();
        featureMask.close();
        if (scores != null) {
            scores.close();
        }
    }
}
