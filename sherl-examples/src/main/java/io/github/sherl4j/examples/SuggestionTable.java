package io.github.sherl4j.examples;

import io.github.sherl4j.barlow.pretrain.SuggestedSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Settings for a batch size and a width, and the published table that they come from, as plain text. */
final class SuggestionTable {
    private SuggestionTable() {}

    static String of(int batch, int width, SuggestedSettings settings) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("batch", "base rate", "rate", "top-1 after 300 epochs"));
        for (SuggestedSettings.Published row : SuggestedSettings.published()) {
            rows.add(List.of(
                    String.valueOf(row.batch()),
                    format("%.2f", row.baseRate()),
                    format("%.3f", row.baseRate() * row.batch() / 256),
                    format("%.1f", row.accuracy())));
        }
        String line = System.lineSeparator();
        return String.join(
                line,
                format("For batches of %d and a projector that ends %d wide:", batch, width),
                format(
                        "  LARS: --optimizer lars --rate %.4g --vector-rate 1 --lambda %.4g --scale %.4g",
                        settings.weightRate(), settings.lambda(), settings.scale()),
                format(
                        "  SGD or AdamW on one machine: --lambda %.4g to %.4g, --scale 1",
                        Math.min(settings.lambda(), settings.loneLambda()),
                        Math.max(settings.lambda(), settings.loneLambda())),
                format(
                        "The authors' table (ResNet-50, ImageNet, LARS; such a batch comes to %.1f %%):",
                        settings.accuracy()),
                ResultTable.align(rows),
                "The rate is base rate * batch / 256; lambda was chosen at a width of 8192, the scale is 196 / width.");
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
