package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;

/** Texts that describe pictures or videos, of which each may have several. Immutable. */
public final class Captions {
    private final List<String> names;
    private final List<TextExample> texts;
    private final int[] owners;

    private Captions(List<String> names, List<TextExample> texts, int[] owners) {
        this.names = List.copyOf(names);
        this.texts = List.copyOf(texts);
        this.owners = owners;
    }

    /**
     * Reads a file of comma ({@code .csv}) or tab ({@code .tsv}, {@code .tab}) separated values in UTF-8, plain or compressed
     * ({@code .gz}), whose first line names the columns; other columns than the two are passed over.
     *
     * @param nameColumn which picture or video: a file or folder, as {@link ImageFolder} or {@link VideoFolder} shall find it
     * @param captionColumn a text for it; further rows of the same name are further texts
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if the content is not as expected (a column is missing, a name or a caption is empty,
     *     quotes are broken, it is not UTF-8); the message has file and line
     */
    public static Captions csv(Path file, String nameColumn, String captionColumn) throws IOException {
        char delimiter = TextFiles.delimiter(file);
        try (Reader reader = TextFiles.open(file)) {
            CsvReader csv = new CsvReader(reader, file.toString(), delimiter);
            List<Caption> captions = csv.rows(List.of(nameColumn, captionColumn), List.of()).stream()
                    .map(row -> new Caption(row.values().get(0), row.values().get(1)))
                    .toList();
            return of(captions);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    file + ", line " + TextFiles.firstMalformedLine(file) + ": expected UTF-8, found other bytes", e);
        } catch (ZipException | EOFException e) {
            throw new IllegalArgumentException(file + ": its gzip data is damaged or cut off: " + e.getMessage(), e);
        }
    }

    /**
     * A text for a picture or video.
     *
     * @param name of the picture or video
     * @param text not blank
     */
    public record Caption(String name, String text) {
        /** Checks both. */
        public Caption {
            Check.argument(!name.isBlank(), "name must have a visible character, but is \"%s\"", name);
            Check.argument(!text.isBlank(), "%s: a caption must have a visible character, but is \"%s\"", name, text);
        }
    }

    /** Captions from memory, at least one, in their order. */
    public static Captions of(List<Caption> captions) {
        Check.argument(!captions.isEmpty(), "captions must be at least one, but are none");
        Map<String, Integer> places = new LinkedHashMap<>();
        List<TextExample> texts = new ArrayList<>();
        int[] owners = new int[captions.size()];
        for (int i = 0; i < owners.length; i++) {
            Caption caption = captions.get(i);
            owners[i] = places.computeIfAbsent(caption.name(), name -> places.size());
            texts.add(new TextExample(caption.text(), null, null));
        }
        return new Captions(List.copyOf(places.keySet()), texts, owners);
    }

    /** What is described, each name once, in the order of its first caption. */
    public List<String> names() {
        return names;
    }

    /** For each text the place of its name in {@link #names}; a copy. */
    public int[] owners() {
        return owners.clone();
    }

    /** The texts, in the order of the file. */
    public List<String> texts() {
        return texts.stream().map(TextExample::text).toList();
    }

    /**
     * The texts as a network reads them.
     *
     * @param maxLength longest sequence in tokens, special tokens included; longer texts are cut
     */
    public TokenizedData tokenize(TextTokenizer tokenizer, int maxLength) {
        return TokenizedData.of(tokenizer.encodeAll(texts, maxLength), new int[0]);
    }
}
