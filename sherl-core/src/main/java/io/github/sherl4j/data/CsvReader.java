package io.github.sherl4j.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/** Reads labelled examples from comma or tab separated values with a header line, quoted as in RFC 4180. */
final class CsvReader {

    private static final int BYTE_ORDER_MARK = '\uFEFF';

    private final String origin;
    private final CSVParser parser;
    private final Iterator<CSVRecord> records;

    /** Takes the first line as the header; the reader stays open, its owner closes it. */
    CsvReader(Reader reader, String origin, char delimiter) throws IOException {
        this.origin = origin;
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setDelimiter(delimiter)
                .setIgnoreEmptyLines(true)
                .get();
        this.parser = format.parse(withoutByteOrderMark(reader));
        this.records = parser.iterator();
    }

    List<TextExample> read(String textColumn, @Nullable String pairColumn, String labelColumn) throws IOException {
        requireDistinct(textColumn, pairColumn, labelColumn);
        List<String> header = header();
        int text = column(header, textColumn);
        int pair = pairColumn == null ? -1 : column(header, pairColumn);
        int label = column(header, labelColumn);
        List<TextExample> examples = new ArrayList<>();
        for (CSVRecord row = next(); row != null; row = next()) {
            requireSize(row, header.size());
            examples.add(new TextExample(
                    filled(row, text, textColumn),
                    pairColumn == null ? null : filled(row, pair, pairColumn),
                    filled(row, label, labelColumn)));
        }
        requireRows(examples);
        return examples;
    }

    /**
     * Some columns of a row.
     *
     * @param where file, line and record, for messages
     * @param values the columns that were asked for, in that order; empty for an optional column that is not there
     */
    record Row(String where, List<String> values) {}

    /** Reads some columns, in each of which every row must be filled, and some that may be empty or missing. */
    List<Row> rows(List<String> columns, List<String> optional) throws IOException {
        List<String> header = header();
        int[] required = columns.stream().mapToInt(name -> column(header, name)).toArray();
        int[] others = optional.stream().mapToInt(header::indexOf).toArray();
        List<Row> rows = new ArrayList<>();
        for (CSVRecord row = next(); row != null; row = next()) {
            requireSize(row, header.size());
            List<String> values = new ArrayList<>();
            for (int i = 0; i < required.length; i++) {
                values.add(filled(row, required[i], columns.get(i)));
            }
            for (int column : others) {
                values.add(column < 0 ? "" : row.get(column));
            }
            rows.add(new Row(where(row), values));
        }
        requireRows(rows);
        return rows;
    }

    private void requireSize(CSVRecord row, int size) {
        if (row.size() != size) {
            throw invalid(row, "expected " + size + " fields, found " + row.size());
        }
    }

    private void requireRows(List<?> rows) {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(origin + ": expected rows after the header, found none");
        }
    }

    private List<String> header() throws IOException {
        CSVRecord header = next();
        if (header == null) {
            throw new IllegalArgumentException(origin + ": expected a header line, found nothing");
        }
        Set<String> seen = new HashSet<>();
        for (String name : header) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException(origin + ", line " + parser.getCurrentLineNumber()
                        + ": two columns are named \"" + name + "\"");
            }
        }
        return header.toList();
    }

    private int column(List<String> header, String name) {
        int index = header.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException(
                    origin + ": there is no column \"" + name + "\"; its columns are " + quoted(header));
        }
        return index;
    }

    private String filled(CSVRecord row, int column, String name) {
        String value = row.get(column);
        if (value.isBlank()) {
            throw invalid(row, "column \"" + name + "\" is empty");
        }
        return value;
    }

    private @Nullable CSVRecord next() throws IOException {
        try {
            return records.hasNext() ? records.next() : null;
        } catch (UncheckedIOException e) {
            IOException cause = e.getCause();
            if (cause instanceof CSVException) {
                throw new IllegalArgumentException(
                        origin + ": its quotes are broken after line " + parser.getCurrentLineNumber() + ": "
                                + cause.getMessage(),
                        cause);
            }
            throw cause;
        }
    }

    private IllegalArgumentException invalid(CSVRecord row, String problem) {
        return new IllegalArgumentException(where(row) + ": " + problem);
    }

    private String where(CSVRecord row) {
        // The header is the parser's first record, and ours is the first row after it.
        long number = row.getRecordNumber() - 1;
        return origin + ", line " + parser.getCurrentLineNumber() + " (record " + number + ")";
    }

    private static void requireDistinct(String text, @Nullable String pair, String label) {
        if (text.equals(label) || text.equals(pair) || label.equals(pair)) {
            throw new IllegalArgumentException("textColumn, pairColumn and labelColumn must differ, found \"" + text
                    + "\", " + (pair == null ? "none" : "\"" + pair + "\"") + " and \"" + label + "\"");
        }
    }

    static String quoted(List<String> names) {
        return names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
    }

    private static Reader withoutByteOrderMark(Reader reader) throws IOException {
        BufferedReader buffered = new BufferedReader(reader);
        buffered.mark(1);
        if (buffered.read() != BYTE_ORDER_MARK) {
            buffered.reset();
        }
        return buffered;
    }
}
