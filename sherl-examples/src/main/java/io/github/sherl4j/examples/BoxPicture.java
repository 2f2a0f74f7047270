package io.github.sherl4j.examples;

import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.SceneBatch;
import io.github.sherl4j.data.SceneData;
import io.github.sherl4j.route.GroundingModel;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Pictures side by side with the boxes that were found, dashed, over the true ones; each phrase has a colour. */
final class BoxPicture {
    private static final int HEIGHT = 256;
    private static final List<Color> COLOURS =
            List.of(Color.RED, Color.BLUE, new Color(0, 140, 0), Color.MAGENTA, Color.ORANGE, Color.CYAN);
    private static final float[] DASH = {8, 6};

    private BoxPicture() {}

    /**
     * Writes a PNG.
     *
     * @param pictures of the first examples
     * @param found of the same examples
     */
    static void write(Path file, SceneData data, List<Picture> pictures, List<GroundingModel.Found> found)
            throws IOException {
        int[] widths = pictures.stream()
                .mapToInt(picture -> Math.max(1, HEIGHT * picture.width() / picture.height()))
                .toArray();
        int width = 0;
        for (int one : widths) {
            width += one;
        }
        BufferedImage image = new BufferedImage(width, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        int left = 0;
        for (int i = 0; i < pictures.size(); i++) {
            graphics.drawImage(image(pictures.get(i)), left, 0, widths[i], HEIGHT, null);
            List<SceneBatch.Target> targets = data.targets(i);
            for (int t = 0; t < targets.size(); t++) {
                SceneBatch.Target target = targets.get(t);
                graphics.setColor(COLOURS.get(t % COLOURS.size()));
                graphics.setStroke(new BasicStroke(2));
                draw(graphics, target.box().numbers(), left, widths[i]);
                graphics.setStroke(new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, DASH, 0));
                draw(graphics, found.get(i).ranked(target.tokens()).get(0), left, widths[i]);
            }
            left += widths[i];
        }
        graphics.dispose();
        if (!ImageIO.write(image, "png", file.toFile())) {
            throw new IOException("No PNG can be written to " + file);
        }
    }

    private static void draw(Graphics2D graphics, double[] box, int left, int width) {
        graphics.drawRect(
                left + (int) Math.round((box[0] - box[2] / 2) * width),
                (int) Math.round((box[1] - box[3] / 2) * HEIGHT),
                (int) Math.round(box[2] * width),
                (int) Math.round(box[3] * HEIGHT));
    }

    private static BufferedImage image(Picture picture) {
        Picture coloured = picture.withChannels(EmojiData.CHANNELS);
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
        byte[] pixels = coloured.pixels();
        for (int i = 0; i < picture.width() * picture.height(); i++) {
            int colour = (pixels[3 * i] & 0xff) << 16 | (pixels[3 * i + 1] & 0xff) << 8 | (pixels[3 * i + 2] & 0xff);
            image.setRGB(i % picture.width(), i / picture.width(), colour);
        }
        return image;
    }
}
