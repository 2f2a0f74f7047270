package io.github.sherl4j.examples;

import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Emoji pictures with captions and categories, which stand in this module's resources; the README beside them says
 * where they come from.
 */
final class EmojiData {
    /** Width and height of a picture. */
    static final int SIDE = 48;

    static final int CHANNELS = 3;

    private static final String SHEET = "emoji/emoji.png";
    private static final String TABLE = "emoji/emoji.tsv";
    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setDelimiter('\t')
            .setHeader()
            .setSkipHeaderRecord(true)
            .get();

    private final BufferedImage sheet;
    private final List<Emoji> all;

    private EmojiData(BufferedImage sheet, List<Emoji> all) {
        this.sheet = sheet;
        this.all = List.copyOf(all);
    }

    static EmojiData load() throws IOException {
        try (InputStream sheet = open(SHEET);
                Reader table = new InputStreamReader(open(TABLE), StandardCharsets.UTF_8)) {
            return read(sheet, table);
        }
    }

    /** Reads a sheet of as many cells as the table has rows; both are closed by the caller. */
    static EmojiData read(InputStream sheet, Reader table) throws IOException {
        BufferedImage image = ImageIO.read(new MemoryCacheImageInputStream(sheet));
        if (image == null) {
            throw new IllegalArgumentException(SHEET + ": expected a PNG picture, found something else");
        }
        int columns = image.getWidth() / SIDE;
        int cells = columns * (image.getHeight() / SIDE);
        List<Emoji> all = new ArrayList<>(cells);
        try (CSVParser rows = FORMAT.parse(table)) {
            for (CSVRecord row : rows) {
                all.add(emoji(row, all.size()));
            }
        }
        if (all.size() != cells || cells * SIDE * SIDE != image.getWidth() * image.getHeight()) {
            throw new IllegalArgumentException(
                    "%s: expected whole cells of %d x %d for the %d rows of %s, found a sheet of %d x %d"
                            .formatted(SHEET, SIDE, SIDE, all.size(), TABLE, image.getWidth(), image.getHeight()));
        }
        return new EmojiData(image, all);
    }

    private static Emoji emoji(CSVRecord row, int cell) {
        if (!row.isConsistent()) {
            throw new IllegalArgumentException("%s, row %d: expected as many fields as the header has, found %d"
                    .formatted(TABLE, row.getRecordNumber(), row.size()));
        }
        requireOneOf(row, "cell", List.of(Integer.toString(cell)));
        requireOneOf(row, "split", List.of("train", "test"));
        String keywords = row.get("keywords");
        return new Emoji(
                cell,
                row.get("code"),
                row.get("name"),
                keywords.isEmpty() ? List.of() : List.of(keywords.split("\\|", -1)),
                row.get("category"),
                row.get("subcategory"),
                row.get("base"),
                "test".equals(row.get("split")));
    }

    private static void requireOneOf(CSVRecord row, String column, List<String> allowed) {
        if (!allowed.contains(row.get(column))) {
            throw new IllegalArgumentException("%s, row %d: expected %s to be %s, found \"%s\""
                    .formatted(TABLE, row.getRecordNumber(), column, String.join(" or ", allowed), row.get(column)));
        }
    }

    /** All emoji, in Unicode's order; unmodifiable. */
    List<Emoji> all() {
        return all;
    }

    /** The emoji that are not held out. */
    List<Emoji> train() {
        return all.stream().filter(emoji -> !emoji.heldOut()).toList();
    }

    /** The emoji that are held out. */
    List<Emoji> test() {
        return all.stream().filter(Emoji::heldOut).toList();
    }

    /**
     * The picture of one emoji, over white.
     *
     * @return a new array of [{@link #SIDE} rows, {@link #SIDE} columns, red green blue], each value 8 bits unsigned
     */
    byte[] picture(Emoji emoji) {
        int columns = sheet.getWidth() / SIDE;
        int left = emoji.cell() % columns * SIDE;
        int top = emoji.cell() / columns * SIDE;
        int[] pixels = sheet.getRGB(left, top, SIDE, SIDE, null, 0, SIDE);
        byte[] picture = new byte[SIDE * SIDE * CHANNELS];
        for (int i = 0; i < pixels.length; i++) {
            picture[CHANNELS * i] = (byte) (pixels[i] >> 16);
            picture[CHANNELS * i + 1] = (byte) (pixels[i] >> 8);
            picture[CHANNELS * i + 2] = (byte) pixels[i];
        }
        return picture;
    }

    private static InputStream open(String resource) throws IOException {
        InputStream stream = EmojiData.class.getResourceAsStream(resource);
        if (stream == null) {
            throw new FileNotFoundException("The class path has no " + resource + " beside EmojiData");
        }
        return stream;
    }
}
