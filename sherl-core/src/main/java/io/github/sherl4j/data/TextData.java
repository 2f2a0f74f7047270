package io.github.sherl4j.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Labelled texts: an immutable list of at least one example, in the order of the file, every one with a label. */
public final class TextData {

    private final List<TextExample> examples;
    private final List<String> labelOfEach;
    private final List<String> labels;

    private TextData(List<TextExample> examples) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("examples is empty: expected at least one");
        }
        this.examples = List.copyOf(examples);
        List<String> each = new ArrayList<>(examples.size());
        for (int i = 0; i < examples.size(); i++) {
            String label = examples.get(i).label();
            if (label == null) {
                throw new IllegalArgumentException("examples[" + i + "] has no label");
            }
            each.add(label);
        }
        this.labelOfEach = each;
        this.labels = List.copyOf(new TreeSet<>(each));
    }

    /**
     * Reads single texts from a file; see {@link #csv(Path, String, String, String)}.
     *
     * @param file a file whose name ends in {@code .csv}, {@code .tsv} or {@code .tab}, or in one of these and
     *     {@code .gz}
     * @param textColumn the name of the column with the text
     * @param labelColumn the name of the column with the label
     * @return the examples in the order of the file
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if the file's content is not as expected; the message has file and line
     */
    public static TextData csv(Path file, String textColumn, String labelColumn) throws IOException {
        return csv(file, textColumn, null, labelColumn);
    }

    /**
     * Reads texts or pairs of texts from a file of comma ({@code .csv}) or tab ({@code .tsv}, {@code .tab}) separated
     * values, plain or compressed ({@code .gz}). The file is UTF-8, with or without a byte order mark; its first line
     * names the columns; fields are quoted as in RFC 4180, also in tab separated files, and may span lines; empty lines
     * are skipped. Texts and labels are taken as they stand, spaces included.
     *
     * @param file a file whose name ends in {@code .csv}, {@code .tsv} or {@code .tab}, or in one of these and
     *     {@code .gz}
     * @param textColumn the name of the column with the text
     * @param pairColumn the name of the column with the second text, or null for single texts
     * @param labelColumn the name of the column with the label
     * @return the examples in the order of the file
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if the file's content is not as expected (a column is missing or named twice, a
     *     row has too few or too many fields, a text or label is empty, there are no rows, quotes are broken, it is not
     *     UTF-8); the message has the file, and the line on which the row ends
     */
    public static TextData csv(Path file, String textColumn, @Nullable String pairColumn, String labelColumn)
            throws IOException {
        char delimiter = TextFiles.delimiter(file);
        try (Reader reader = TextFiles.open(file)) {
            return read(reader, file.toString(), delimiter, textColumn, pairColumn, labelColumn);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    file + ", line " + TextFiles.firstMalformedLine(file) + ": expected UTF-8, found other bytes", e);
        } catch (ZipException | EOFException e) {
            throw new IllegalArgumentException(file + ": its gzip data is damaged or cut off: " + e.getMessage(), e);
        }
    }

    /**
     * Reads texts or pairs of texts from any source, in the format of {@link #csv(Path, String, String, String)}.
     *
     * @param reader the source; closed by the caller
     * @param origin what messages call the source
     * @param delimiter the character between two columns
     * @param textColumn the name of the column with the text
     * @param pairColumn the name of the column with the second text, or null for single texts
     * @param labelColumn the name of the column with the label
     * @return the examples in the order of the source
     * @throws IOException if the source cannot be read
     * @throws IllegalArgumentException if the content is not as expected; the message has origin and line
     */
    public static TextData read(
            Reader reader,
            String origin,
            char delimiter,
            String textColumn,
            @Nullable String pairColumn,
            String labelColumn)
            throws IOException {
        return new TextData(new CsvReader(reader, origin, delimiter).read(textColumn, pairColumn, labelColumn));
    }

    /**
     * Takes examples from memory.
     *
     * @param examples at least one, each with a label; copied
     * @return the examples in the same order
     * @throws IllegalArgumentException if there is none, or one has no label
     */
    public static TextData of(List<TextExample> examples) {
        return new TextData(examples);
    }

    /**
     * Returns the examples.
     *
     * @return all examples, unmodifiable
     */
    public List<TextExample> examples() {
        return examples;
    }

    /**
     * Returns the number of examples.
     *
     * @return the number of examples, at least 1
     */
    public int size() {
        return examples.size();
    }

    /**
     * Returns the labels that occur.
     *
     * @return every label once, sorted as strings, unmodifiable
     */
    public List<String> labels() {
        return labels;
    }

    /**
     * Draws a smaller set by chance, in which every label keeps its share as nearly as whole numbers allow; a label much
     * rarer than 1 in {@code count} can drop out.
     *
     * @param count how many examples to keep, at least 1
     * @param seed equal seeds draw equal examples
     * @return {@code count} examples in their old order, or this set if it has no more than that
     */
    public TextData limit(int count, long seed) {
        if (count < 1) {
            throw new IllegalArgumentException("count is " + count + ": expected at least 1");
        }
        return count >= size() ? this : pick(Stratified.draw(labelOfEach, count, seed));
    }

    /**
     * Divides the examples by chance into two sets, in which every label keeps its share as nearly as whole numbers
     * allow. Every example is in exactly one of them, in its old order.
     *
     * @param share the first set's share of the examples, between 0 and 1
     * @param seed equal seeds give equal sets
     * @return the two sets
     * @throws IllegalArgumentException if the share is not between 0 and 1, or leaves one of the sets empty
     */
    public Split split(double share, long seed) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("share is " + share + ": expected a number between 0 and 1");
        }
        int count = (int) Math.round(share * size());
        if (count == 0 || count == size()) {
            throw new IllegalArgumentException("share is " + share + ": of " + size() + " example(s) that leaves "
                    + (count == 0 ? "none for the first set" : "none for the second set"));
        }
        BitSet first = Stratified.draw(labelOfEach, count, seed);
        BitSet second = new BitSet();
        second.set(0, size());
        second.andNot(first);
        return new Split(pick(first), pick(second));
    }

    String label(int index) {
        return labelOfEach.get(index);
    }

    private TextData pick(BitSet indices) {
        return new TextData(indices.stream().mapToObj(examples::get).toList());
    }

    /**
     * Two sets that have no example in common.
     *
     * @param first the set with the share that was asked for
     * @param second all other examples
     */
    public record Split(TextData first, TextData second) {

        /** Checks that both are there. */
        public Split {
            Objects.requireNonNull(first, "first");
            Objects.requireNonNull(second, "second");
        }
    }
}
