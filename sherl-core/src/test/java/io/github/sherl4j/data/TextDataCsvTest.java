package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextDataCsvTest {

    @TempDir
    private Path folder;

    @Test
    void readsTheNamedColumnsInAnyOrder() throws IOException {
        Path file = write("train.csv", "id,label,text\n1,ham,see you at noon\n2,spam,free money\n");

        assertThat(TextData.csv(file, "text", "label").examples())
                .containsExactly(
                        new TextExample("see you at noon", null, "ham"), new TextExample("free money", null, "spam"));
    }

    @Test
    void readsPairs() throws IOException {
        Path file = write("pairs.tsv", "question\tanswer\tlabel\nwho?\tyou\tyes\n");

        assertThat(TextData.csv(file, "question", "answer", "label").examples())
                .containsExactly(new TextExample("who?", "you", "yes"));
    }

    @ParameterizedTest
    @CsvSource({"a.csv, ','", "a.TSV, '\t'", "a.tab, '\t'"})
    void theEndingTellsTheDelimiter(String name, String delimiter) throws IOException {
        Path file = write(name, "text|label\nyes|x\n".replace("|", delimiter));

        assertThat(TextData.csv(file, "text", "label").examples()).containsExactly(new TextExample("yes", null, "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.csv.gz", "a.CSV.GZ"})
    void readsGzip(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, gzip("text,label\nfree,spam\n"));

        assertThat(TextData.csv(file, "text", "label").examples())
                .containsExactly(new TextExample("free", null, "spam"));
    }

    @Test
    void quotesLineBreaksMarksAndEmptyLines() throws IOException {
        Path file = write(
                "train.csv", "\uFEFFtext,label\r\n\"he said \"\"no\"\", twice\",x\r\n\r\n\"two\nlines\",y\r\nña 😀 ,z");

        assertThat(TextData.csv(file, "text", "label").examples())
                .containsExactly(
                        new TextExample("he said \"no\", twice", null, "x"),
                        new TextExample("two\nlines", null, "y"),
                        new TextExample("ña 😀 ", null, "z"));
    }

    @Test
    void readsFromAReaderAndLeavesItOpen() throws IOException {
        boolean[] closed = {false};
        Reader reader = new StringReader("\uFEFFtext;label\nfree;spam\n") {
            @Override
            public void close() {
                closed[0] = true;
            }
        };

        TextData data = TextData.read(reader, "a resource", ';', "text", null, "label");

        assertThat(data.examples()).containsExactly(new TextExample("free", null, "spam"));
        assertThat(closed[0]).isFalse();
    }

    @Test
    void aMissingColumnListsTheColumnsThereAre() {
        assertRefused(
                "text,label\na,b\n", "train.csv: there is no column \"sentence\"; its columns are \"text\", \"label\"");
    }

    @ParameterizedTest
    @CsvSource({"'a,b,c', 3", "'a', 1", "' ', 1"})
    void aRaggedRowIsCounted(String row, int fields) {
        assertRefused(
                "sentence,label\na,b\n\n" + row + "\n",
                "train.csv, line 4 (record 2): expected 2 fields, found " + fields);
    }

    @Test
    void emptyFieldsAreNamed() {
        assertRefused("sentence,label\na,b\n\" \",b\n", "train.csv, line 3 (record 2): column \"sentence\" is empty");
        assertRefused("sentence,label\n\"two\nlines\",\n", "train.csv, line 3 (record 1): column \"label\" is empty");
    }

    @Test
    void anEmptyPairIsNamed() throws IOException {
        Path file = write("pairs.csv", "a,b,label\nx,,y\n");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextData.csv(file, "a", "b", "label"))
                .withMessageContaining("pairs.csv, line 2 (record 1): column \"b\" is empty");
    }

    @Test
    void filesWithoutRowsAreRefused() {
        assertRefused("", "train.csv: expected a header line, found nothing");
        assertRefused("sentence,label\n\n", "train.csv: expected rows after the header, found none");
    }

    @Test
    void columnsNamedTwiceAreRefused() throws IOException {
        assertRefused("sentence,label,label\na,b,c\n", "train.csv, line 1: two columns are named \"label\"");
        Path file = write("train.csv", "text,label\na,b\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextData.csv(file, "text", "text"))
                .withMessageContaining("must differ, found \"text\", none and \"text\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sentence,label\na,b\n\"open,c\nd,e\n", "sentence,label\na,b\n\"shut\"c,d\n"})
    void brokenQuotesAreRefused(String content) {
        assertRefused(content, "train.csv: its quotes are broken after line");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void malformedUtf8IsFoundFarBehindTheBuffer(boolean lastLine) throws IOException {
        byte[] good = ("sentence,label\n" + "a,b\n".repeat(20_000)).getBytes(StandardCharsets.UTF_8);
        byte[] bad = (lastLine ? "caf\u00e9,b" : "caf\u00e9,b\nc,d\n").getBytes(StandardCharsets.ISO_8859_1);
        Path file = folder.resolve("train.csv");
        Files.write(file, concat(good, bad));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextData.csv(file, "sentence", "label"))
                .withMessageContaining("train.csv, line 20002: expected UTF-8");
    }

    @Test
    void damagedGzipIsRefused() throws IOException {
        Path file = folder.resolve("train.csv.gz");
        Files.writeString(file, "text,label\na,b\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextData.csv(file, "text", "label"))
                .withMessageContaining("train.csv.gz: its gzip data is damaged or cut off");

        byte[] whole = gzip("text,label\nfree,spam\n");
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextData.csv(file, "text", "label"))
                .withMessageContaining("train.csv.gz: its gzip data is damaged or cut off");
    }

    @Test
    void otherEndingsMissingFilesAndFoldersAreRefused() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextData.csv(folder.resolve("train.json"), "text", "label"))
                .withMessageContaining("train.json: expected a name that ends in .csv");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> TextData.csv(folder.resolve("none.csv"), "text", "label"))
                .withMessageContaining("none.csv: there is no such file");
        Path directory = Files.createDirectory(folder.resolve("folder.csv"));
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> TextData.csv(directory, "text", "label"))
                .withMessageContaining("folder.csv: expected a file, found a folder");
    }

    private void assertRefused(String content, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextData.csv(write("train.csv", content), "sentence", "label"))
                .withMessageContaining(message);
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static byte[] gzip(String content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
