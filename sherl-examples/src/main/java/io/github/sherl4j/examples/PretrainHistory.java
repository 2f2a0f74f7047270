package io.github.sherl4j.examples;

import io.github.sherl4j.barlow.EmbeddingHealth;
import io.github.sherl4j.weights.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What each epoch of a pre-training came to, kept in a file of tab separated values, so that a resumed one keeps its curve. */
final class PretrainHistory {
    private static final String HEADER =
            "epoch\tloss\tdiagonal\toff_diagonal\trate\tdeviation\teffective_rank\tneighbours\tprobe";

    /**
     * One epoch; means over its steps, and NaN for what was not measured.
     *
     * @param neighbours accuracy of nearest neighbours
     * @param probe accuracy of a linear probe
     */
    record Epoch(
            int number,
            double loss,
            double diagonal,
            double offDiagonal,
            double rate,
            EmbeddingHealth health,
            double neighbours,
            double probe) {
        private String row() {
            List<String> cells = new ArrayList<>();
            cells.add(Integer.toString(number));
            for (double value : new double[] {
                loss, diagonal, offDiagonal, rate, health.deviation(), health.effectiveRank(), neighbours, probe
            }) {
                cells.add(Double.toString(value));
            }
            return String.join("\t", cells);
        }

        private static Epoch parse(Path file, String row) {
            String[] cells = row.split("\t", -1);
            try {
                double[] values = new double[8];
                for (int i = 0; i < values.length; i++) {
                    values[i] = Double.parseDouble(cells[i + 1]);
                }
                EmbeddingHealth health = new EmbeddingHealth(values[4], values[5], 0);
                return new Epoch(
                        Integer.parseInt(cells[0]),
                        values[0],
                        values[1],
                        values[2],
                        values[3],
                        health,
                        values[6],
                        values[7]);
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new IllegalArgumentException(
                        "%s: expected rows of 9 numbers, found \"%s\"".formatted(file, row), e);
            }
        }
    }

    private final Path file;
    private final TreeMap<Integer, Epoch> epochs = new TreeMap<>();

    /** An empty history, or that of a training which is to go on. */
    PretrainHistory(Path file, boolean resumed) throws IOException {
        this.file = file;
        if (resumed && Files.exists(file)) {
            Files.readAllLines(file).stream()
                    .skip(1)
                    .map(row -> Epoch.parse(file, row))
                    .forEach(epoch -> epochs.put(epoch.number(), epoch));
        }
    }

    /** Adds an epoch, in place of one with its number and of all behind it. */
    void add(Epoch epoch) throws IOException {
        epochs.tailMap(epoch.number(), true).clear();
        epochs.put(epoch.number(), epoch);
        List<String> lines = new ArrayList<>(List.of(HEADER));
        epochs.values().forEach(each -> lines.add(each.row()));
        AtomicFile.write(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    List<Epoch> epochs() {
        return List.copyOf(epochs.values());
    }
}
