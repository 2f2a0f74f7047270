package io.github.sherl4j.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import javax.imageio.ImageIO;

/** Pictures for tests. */
final class Pictures {
    private Pictures() {}

    /** A picture that stands in the test resources. */
    static Picture resource(String name) {
        try (InputStream in = Objects.requireNonNull(Pictures.class.getResourceAsStream("/pillow/" + name), name)) {
            return PictureDecoder.decode(name, Picture.NO_LABEL, in.readAllBytes());
        } catch (IOException | PictureDecoder.DamagedException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** Bytes of a file of one colour with a dark corner at its upper left. */
    static byte[] file(String format, int type, int width, int height, int argb) throws IOException {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, argb);
            }
        }
        image.setRGB(0, 0, 0xff000000);
        return encoded(format, image);
    }

    static byte[] encoded(String format, BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (!ImageIO.write(image, format, out)) {
            throw new IllegalStateException("no writer for " + format);
        }
        return out.toByteArray();
    }

    /** One pixel of a colour. */
    static BufferedImage pixel(int rgb) {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, rgb);
        return image;
    }

    static byte[] png(int width, int height, int rgb) throws IOException {
        return file("png", BufferedImage.TYPE_INT_RGB, width, height, rgb);
    }

    static int[] unsigned(byte[] bytes) {
        int[] values = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            values[i] = bytes[i] & 0xff;
        }
        return values;
    }
}
