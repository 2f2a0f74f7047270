package io.github.sherl4j.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG, JPEG, GIF and BMP, by content and not by name, into 8 bits a channel. Grey stays grey and everything else
 * becomes red, green, blue: 16 bits keep their upper 8, palettes are looked up, transparent parts are laid over white, of an
 * animation the first frame counts. Colour profiles and the camera's orientation are not applied: the stored numbers are taken
 * as they stand, as in the training of the published networks.
 */
final class PictureDecoder {
    /** A header that claims more is damaged, or meant to exhaust memory. */
    private static final long MOST_PIXELS = 100_000_000;

    private static final String MISSING_END = "its end is missing";
    private static final int WHITE = 255;
    private static final int TRUE_COLOUR = 3;

    private PictureDecoder() {}

    /** The content is damaged, cut off, or of no known format. */
    static final class DamagedException extends Exception {
        private static final long serialVersionUID = 1;

        DamagedException(String message) {
            super(message);
        }

        DamagedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Decodes a whole file's bytes. */
    static Picture decode(String name, int label, byte[] file) throws DamagedException {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw new DamagedException("expected PNG, JPEG, GIF or BMP, found other content");
            }
            ImageReader reader = readers.next();
            try {
                return decode(name, label, reader, stream);
            } finally {
                reader.dispose();
            }
        } catch (EOFException e) {
            throw new DamagedException(MISSING_END, e);
        } catch (IOException | RuntimeException e) { // decoders answer broken bytes by exceptions of all kinds
            String message = e.getMessage();
            throw new DamagedException(message == null ? "the decoder fails with " + e : message, e);
        }
    }

    private static Picture decode(String name, int label, ImageReader reader, ImageInputStream stream)
            throws IOException, DamagedException {
        boolean[] cutOff = new boolean[1];
        reader.addIIOReadWarningListener((source, warning) -> cutOff[0] |= tellsOfAMissingEnd(warning));
        reader.setInput(stream, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MOST_PIXELS) {
            throw new DamagedException("expected at most " + MOST_PIXELS + " pixels, its header says "
                    + reader.getWidth(0) + " x " + reader.getHeight(0));
        }
        BufferedImage image = reader.read(0);
        if (cutOff[0]) {
            throw new DamagedException(MISSING_END);
        }
        return convert(name, label, image);
    }

    /** JPEG readers fill a missing end with grey and only warn. */
    private static boolean tellsOfAMissingEnd(String warning) {
        String text = warning.toLowerCase(Locale.ROOT);
        return text.contains("premature") || text.contains("truncated") || text.contains("missing eoi");
    }

    private static Picture convert(String name, int label, BufferedImage image) {
        ColorModel colors = image.getColorModel();
        int type = colors.getColorSpace().getType();
        boolean plain = colors instanceof ComponentColorModel
                && (colors.getComponentSize(0) == Byte.SIZE || colors.getComponentSize(0) == Short.SIZE);
        byte[] pixels;
        int channels;
        if (plain && (type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB)) {
            channels = type == ColorSpace.TYPE_GRAY ? 1 : TRUE_COLOUR;
            pixels = samples(image.getRaster(), channels, colors.getComponentSize(0) - Byte.SIZE);
        } else {
            channels = TRUE_COLOUR;
            pixels = looked(image);
        }
        return Picture.owning(name, label, image.getWidth(), image.getHeight(), channels, pixels);
    }

    /** The stored numbers: Java's own conversion would brighten greys, which it takes for linear light. */
    private static byte[] samples(Raster raster, int channels, int shift) {
        int bands = raster.getNumBands();
        int width = raster.getWidth();
        byte[] pixels = new byte[width * raster.getHeight() * channels];
        int[] row = new int[width * bands];
        int target = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int alpha = bands > channels ? row[x * bands + channels] >> shift : WHITE;
                for (int channel = 0; channel < channels; channel++) {
                    pixels[target++] = overWhite(row[x * bands + channel] >> shift, alpha);
                }
            }
        }
        return pixels;
    }

    /** Palettes and packed pixels, by way of their colours. */
    private static byte[] looked(BufferedImage image) {
        int width = image.getWidth();
        byte[] pixels = new byte[width * image.getHeight() * TRUE_COLOUR];
        int[] row = new int[width];
        int target = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int argb : row) {
                int alpha = argb >>> 24;
                pixels[target++] = overWhite(argb >> 16 & 0xff, alpha);
                pixels[target++] = overWhite(argb >> 8 & 0xff, alpha);
                pixels[target++] = overWhite(argb & 0xff, alpha);
            }
        }
        return pixels;
    }

    private static byte overWhite(int value, int alpha) {
        return (byte) ((value * alpha + WHITE * (WHITE - alpha) + WHITE / 2) / WHITE);
    }
}
