package io.github.sherl4j.barlow.view;

import io.github.sherl4j.barlow.view.ViewMaker.View;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.Region;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.weights.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * A picture that shows what training will see: in each row one of the user's pictures, then pairs of its views. The views are
 * those that {@link ViewLoader} makes of it in the first epochs, one pair an epoch. Small views are enlarged without smoothing.
 */
public final class ContactSheet {
    private static final int PAPER = 0xe6e6e6;
    private static final int LEAST_CELL = 96;
    private static final int BETWEEN_VIEWS = 2;
    private static final int BETWEEN_PAIRS = 12;
    private static final int MOST_PIXELS = 100_000_000;

    private ContactSheet() {}

    /**
     * Where things stand, in pixels.
     *
     * @param enlarge how many pixels a view's pixel is wide
     * @param cell the side of a view
     */
    record Layout(int enlarge, int cell) {
        static Layout of(int viewSize) {
            int enlarge = Math.max(1, (LEAST_CELL + viewSize - 1) / viewSize);
            return new Layout(enlarge, viewSize * enlarge);
        }

        int rowTop(int row) {
            return BETWEEN_PAIRS + row * (cell + BETWEEN_PAIRS);
        }

        int viewLeft(int pair, View view) {
            int pairWidth = 2 * cell + BETWEEN_VIEWS + BETWEEN_PAIRS;
            return BETWEEN_PAIRS + cell + BETWEEN_PAIRS + pair * pairWidth + view.number() * (cell + BETWEEN_VIEWS);
        }
    }

    /**
     * Writes a sheet as PNG; what was there is replaced as a whole.
     *
     * @param file the file to write
     * @param source the pictures; damaged ones are replaced by the next
     * @param views what may happen to them
     * @param pictures how many pictures to show, the first of the source, at least 1
     * @param pairs how many pairs of views of each, at least 1
     * @param seed the training's seed
     * @throws IOException if the file cannot be written
     * @throws IllegalArgumentException if the sheet would have more than 100 million pixels
     */
    public static void write(Path file, ImageSource source, ViewOptions views, int pictures, int pairs, long seed)
            throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(draw(source, views, pictures, pairs, seed), "png", png);
        AtomicFile.write(file, png.toByteArray());
    }

    static BufferedImage draw(ImageSource source, ViewOptions views, int pictures, int pairs, long seed) {
        Check.argument(pictures >= 1, "pictures must be at least 1, but are %s", pictures);
        Check.argument(pairs >= 1, "pairs must be at least 1, but are %s", pairs);
        Layout layout = Layout.of(views.size());
        int rows = Math.min(pictures, source.size());
        long cells = (long) (rows + 1) * (2L * pairs + 2);
        Check.argument(
                cells * layout.cell() * layout.cell() <= MOST_PIXELS,
                "%s pictures with %s pairs of views of %s pixels make a sheet of more than %s pixels: ask for fewer",
                rows,
                pairs,
                layout.cell(),
                MOST_PIXELS);
        BufferedImage sheet =
                new BufferedImage(layout.viewLeft(pairs, View.FIRST), layout.rowTop(rows), BufferedImage.TYPE_INT_RGB);
        int[] paper = new int[sheet.getWidth() * sheet.getHeight()];
        Arrays.fill(paper, PAPER);
        sheet.setRGB(0, 0, sheet.getWidth(), sheet.getHeight(), paper, 0, sheet.getWidth());
        ViewMaker maker = new ViewMaker(views);
        int[] all = IntStream.range(0, source.size()).toArray();
        for (int row = 0; row < rows; row++) {
            Picture picture = source.firstReadable(all, row);
            drawOriginal(sheet, picture, layout, layout.rowTop(row));
            for (int pair = 0; pair < pairs; pair++) {
                for (View view : View.values()) {
                    Picture made = maker.view(picture, view, ViewMaker.seed(seed, pair, row, view));
                    paint(sheet, made, layout.viewLeft(pair, view), layout.rowTop(row), layout.enlarge());
                }
            }
        }
        return sheet;
    }

    /** The whole picture in the middle of its cell. */
    private static void drawOriginal(BufferedImage sheet, Picture picture, Layout layout, int top) {
        int cell = layout.cell();
        int longer = Math.max(picture.width(), picture.height());
        int width = (int) Math.max(1, (long) cell * picture.width() / longer);
        int height = (int) Math.max(1, (long) cell * picture.height() / longer);
        Region whole = new Region(0, 0, picture.width(), picture.height());
        Picture fitted = picture.resized(whole, width, height, Interpolation.BICUBIC);
        paint(sheet, fitted, BETWEEN_PAIRS + (cell - width) / 2, top + (cell - height) / 2, 1);
    }

    private static void paint(BufferedImage sheet, Picture picture, int left, int top, int enlarge) {
        byte[] rgb = picture.withChannels(3).pixels();
        for (int y = 0; y < picture.height() * enlarge; y++) {
            for (int x = 0; x < picture.width() * enlarge; x++) {
                int at = 3 * (y / enlarge * picture.width() + x / enlarge);
                int color = (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | (rgb[at + 2] & 0xff);
                sheet.setRGB(left + x, top + y, color);
            }
        }
    }
}
