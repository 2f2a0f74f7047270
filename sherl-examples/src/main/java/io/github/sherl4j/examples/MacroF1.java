package io.github.sherl4j.examples;

import org.nd4j.evaluation.classification.ConfusionMatrix;
import org.nd4j.evaluation.classification.Evaluation;

/** The mean of the classes' F1 scores. ND4J's own mean is the score of class 1 alone when there are two classes. */
final class MacroF1 {
    private MacroF1() {}

    /**
     * {@code mean_c 2 TP_c / (2 TP_c + FP_c + FN_c)} over the classes that occur, as label or as prediction.
     *
     * @return from 0 to 1
     */
    static double of(Evaluation evaluation) {
        ConfusionMatrix<Integer> confusion = evaluation.getConfusionMatrix();
        double sum = 0;
        int occurring = 0;
        for (int label : confusion.getClasses()) {
            int hits = confusion.getCount(label, label);
            int mentions = confusion.getActualTotal(label) + confusion.getPredictedTotal(label);
            if (mentions > 0) {
                sum += 2.0 * hits / mentions;
                occurring++;
            }
        }
        return occurring == 0 ? 0 : sum / occurring;
    }
}
