package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Many small pictures in one large one, and a table that says where: a file of comma or tab separated values with the columns
 * {@code name}, {@code x}, {@code y}, {@code width}, {@code height} in pixels, and optionally {@code label}. The large picture
 * is decoded once and held on the Java heap.
 */
public final class SpriteSheet implements ImageSource {
    private static final List<String> COLUMNS = List.of("name", "x", "y", "width", "height");
    private static final String LABEL = "label";

    /** One row of the table. */
    private record Cell(String name, String label, Region region) {}

    private final Picture sheet;
    private final List<Cell> cells;
    private final List<String> labels;
    private final Map<String, Integer> numbers = new HashMap<>();

    private SpriteSheet(Picture sheet, List<Cell> cells) {
        this.sheet = sheet;
        this.cells = List.copyOf(cells);
        Set<String> names = new TreeSet<>();
        cells.forEach(cell -> names.add(cell.label()));
        names.remove("");
        this.labels = List.copyOf(names);
        labels.forEach(label -> numbers.put(label, numbers.size()));
    }

    /**
     * Reads a sheet and its table.
     *
     * @param sheet PNG, JPEG, GIF or BMP
     * @param table a file whose name ends in {@code .csv}, {@code .tsv} or {@code .tab}, or in one of these and {@code .gz}
     * @throws IOException if a file cannot be read
     * @throws IllegalArgumentException if the sheet cannot be decoded or the table is not as expected: a column is missing, a
     *     number is none, a name comes twice, a cell lies outside of the sheet; the message has the line
     */
    public static SpriteSheet read(Path sheet, Path table) throws IOException {
        TextFiles.requireFile(sheet);
        try (InputStream picture = Files.newInputStream(sheet);
                Reader cells = TextFiles.open(table)) {
            return read(picture, sheet.toString(), cells, table.toString(), TextFiles.delimiter(table));
        }
    }

    /**
     * Reads a sheet and its table from any source, as from resources of a jar.
     *
     * @param sheet the picture, read to its end; closed by the caller
     * @param sheetOrigin what messages call it
     * @param table the table; closed by the caller
     * @param tableOrigin what messages call it
     * @param delimiter the character between two columns
     * @throws IOException if a source cannot be read
     * @throws IllegalArgumentException as in {@link #read(Path, Path)}
     */
    public static SpriteSheet read(
            InputStream sheet, String sheetOrigin, Reader table, String tableOrigin, char delimiter)
            throws IOException {
        Picture decoded;
        try {
            decoded = PictureDecoder.decode(sheetOrigin, Picture.NO_LABEL, sheet.readAllBytes());
        } catch (PictureDecoder.DamagedException e) {
            throw new IllegalArgumentException(sheetOrigin + ": cannot be decoded: " + e.getMessage(), e);
        }
        return new SpriteSheet(decoded, cells(decoded, new CsvReader(table, tableOrigin, delimiter)));
    }

    private static List<Cell> cells(Picture sheet, CsvReader table) throws IOException {
        List<Cell> cells = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (CsvReader.Row row : table.rows(COLUMNS, List.of(LABEL))) {
            int[] numbers = new int[COLUMNS.size()];
            for (int i = 1; i < numbers.length; i++) {
                numbers[i] = number(row, i);
            }
            Region region = new Region(numbers[1], numbers[2], numbers[3], numbers[4]);
            Check.argument(
                    region.isInside(sheet.width(), sheet.height()),
                    "%s: the cell of %s x %s at (%s, %s) lies outside of the sheet, which is %s x %s",
                    row.where(),
                    region.width(),
                    region.height(),
                    region.left(),
                    region.top(),
                    sheet.width(),
                    sheet.height());
            String name = row.values().get(0);
            Check.argument(names.add(name), "%s: the name \"%s\" comes twice", row.where(), name);
            cells.add(new Cell(name, row.values().get(COLUMNS.size()), region));
        }
        return cells;
    }

    private static int number(CsvReader.Row row, int column) {
        String text = row.values().get(column);
        int least = COLUMNS.get(column).length() > 1 ? 1 : 0; // a size, or a place
        int number;
        try {
            number = Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            number = -1;
        }
        Check.argument(
                number >= least,
                "%s: column \"%s\" is \"%s\": expected a whole number from %s on",
                row.where(),
                COLUMNS.get(column),
                text,
                least);
        return number;
    }

    @Override
    public int size() {
        return cells.size();
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public int label(int index) {
        return numbers.getOrDefault(cell(index).label(), Picture.NO_LABEL);
    }

    @Override
    public String name(int index) {
        return cell(index).name();
    }

    @Override
    public Optional<Picture> picture(int index) {
        return Optional.of(sheet.cut(cell(index).region(), name(index), label(index)));
    }

    /** Always 0: the sheet is decoded as a whole. */
    @Override
    public int skipped() {
        return 0;
    }

    private Cell cell(int index) {
        Check.argument(index >= 0 && index < size(), "index must be 0 to %s, but is %s", size() - 1, index);
        return cells.get(index);
    }
}
