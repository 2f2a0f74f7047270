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
            if (row.size() != header.size()) {
                throw invalid(row, "expected " + header.size() + " fields, found " + row.size());
            }
            examples.add(new TextExample(
                    filled(row, text, textColumn),
                    pairColumn == null ? null : filled(row, pair, pairColumn),
                    filled(row, label, labelColumn)));
        }
        if (examples.isEmpty()) {
            throw new IllegalArgumentException(origin + ": expected rows after the header, found none");
        }
        return examples;
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
        // The header is the parser's first record, and ours is the first row after it.
        long number = row.getRecordNumber() - 1;
        return new IllegalArgumentException(
                origin + ", line " + parser.getCurrentLineNumber() + " (record " + number + "): " + problem);
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
