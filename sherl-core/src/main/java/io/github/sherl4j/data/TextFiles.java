package io.github.sherl4j.data;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** Files of text in UTF-8, plain or compressed by gzip: the name's ending tells. */
final class TextFiles {

    private static final String GZIP_ENDING = ".gz";

    private TextFiles() {}

    /** The character between two columns, by the file's ending. */
    static char delimiter(Path file) {
        String name = lowerCaseName(file);
        String inner = name.endsWith(GZIP_ENDING) ? name.substring(0, name.length() - GZIP_ENDING.length()) : name;
        if (inner.endsWith(".csv")) {
            return ',';
        }
        if (inner.endsWith(".tsv") || inner.endsWith(".tab")) {
            return '\t';
        }
        throw new IllegalArgumentException(
                file + ": expected a name that ends in .csv, .tsv or .tab, or in one of these and .gz");
    }

    /** Opens a file for reading; malformed UTF-8 throws a {@link CharacterCodingException} while reading. */
    static Reader open(Path file) throws IOException {
        return new BufferedReader(new InputStreamReader(openBytes(file), StandardCharsets.UTF_8.newDecoder()));
    }

    static InputStream openBytes(Path file) throws IOException {
        requireFile(file);
        InputStream bytes = Files.newInputStream(file);
        if (!lowerCaseName(file).endsWith(GZIP_ENDING)) {
            return bytes;
        }
        try {
            return new GZIPInputStream(bytes);
        } catch (IOException e) {
            bytes.close();
            throw e;
        }
    }

    static void requireFile(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new NoSuchFileException(file.toString(), null, "there is no such file");
        }
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "expected a file, found a folder");
        }
    }

    /** The number of the first line that is not UTF-8, counted from 1. A decoder reads ahead and cannot tell. */
    static long firstMalformedLine(Path file) throws IOException {
        try (InputStream bytes = new BufferedInputStream(openBytes(file))) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            long number = 1;
            for (int next = bytes.read(); next >= 0; next = bytes.read()) {
                if (next != '\n') {
                    line.write(next);
                    continue;
                }
                if (!isUtf8(line.toByteArray())) {
                    return number;
                }
                line.reset();
                number++;
            }
            return number;
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            decodeUtf8(bytes);
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    static String decodeUtf8(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    private static String lowerCaseName(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }
}
