package io.github.sherl4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Accuracies of several features or trainings, as plain text and as JSON. */
final class AccuracyTable {
    /**
     * One line.
     *
     * @param name what was measured
     * @param detail such as the width of the features or the number of the draw
     * @param accuracy from 0 to 1
     */
    record Row(String name, String detail, double accuracy) {}

    private final String detail;
    private final List<Row> rows = new ArrayList<>();

    /** @param detail heading of the column between name and accuracy */
    AccuracyTable(String detail) {
        this.detail = detail;
    }

    void add(String name, Object about, double accuracy) {
        rows.add(new Row(name, String.valueOf(about), accuracy));
    }

    /** The mean accuracy of the lines of a name. */
    double mean(String name) {
        return rows.stream()
                .filter(row -> row.name().equals(name))
                .mapToDouble(Row::accuracy)
                .average()
                .orElse(Double.NaN);
    }

    /** {@code {"results": [{"name", "detail", "accuracy"}]}}. */
    void write(Path file, String task) throws IOException {
        ResultFile.writeAccuracies(file, task, rows);
    }

    /** One line for the header and one for each result, without a line end after the last. */
    @Override
    public String toString() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("what", detail, "accuracy"));
        for (Row row : rows) {
            cells.add(List.of(row.name(), row.detail(), String.format(Locale.ROOT, "%.4f", row.accuracy())));
        }
        return ResultTable.align(cells);
    }
}
