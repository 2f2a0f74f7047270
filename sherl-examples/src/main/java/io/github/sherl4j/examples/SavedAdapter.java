package io.github.sherl4j.examples;

import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.route.Prediction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Compares what a trained model says with what it says after it was saved and loaded. */
final class SavedAdapter {
    private static final int MOST_SHOWN = 3;
    private static final int SHOWN_LENGTH = 70;

    private SavedAdapter() {}

    /**
     * Fails unless all predictions are the same, with the same probabilities.
     *
     * @throws IllegalStateException if one differs
     */
    static void requireSame(List<Prediction> trained, List<Prediction> loaded, Path folder) {
        if (trained.size() != loaded.size()) {
            throw new IllegalStateException("The adapter saved in %s gave %d predictions instead of %d"
                    .formatted(folder, loaded.size(), trained.size()));
        }
        for (int i = 0; i < trained.size(); i++) {
            if (!loaded.get(i).equals(trained.get(i))) {
                throw new IllegalStateException(
                        "The adapter saved in %s predicts otherwise than the model it was saved from: %s instead of %s for test text %d"
                                .formatted(folder, describe(loaded.get(i)), describe(trained.get(i)), i + 1));
            }
        }
    }

    /** A line for the first test text of each label, with what was predicted for it. */
    static String examples(TextTask task, List<Prediction> predictions) {
        List<TextExample> examples = task.test().examples();
        List<String> lines = new ArrayList<>();
        for (String label : task.test().labels()) {
            if (lines.size() < MOST_SHOWN) {
                int first = 0;
                while (!label.equals(examples.get(first).label())) {
                    first++;
                }
                lines.add("  %s, really %s: %s"
                        .formatted(
                                describe(predictions.get(first)),
                                label,
                                shortened(examples.get(first).text())));
            }
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String describe(Prediction prediction) {
        return String.format(Locale.ROOT, "%s (%.4f)", prediction.label(), prediction.probability());
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN_LENGTH ? text : text.substring(0, SHOWN_LENGTH) + "...";
    }
}
