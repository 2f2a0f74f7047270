package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A decoded picture of 8 bits a channel: red, green and blue, or grey. Immutable; its bytes live on the Java heap and need no
 * closing.
 */
public final class Picture {
    /** The label of a picture that has none. */
    public static final int NO_LABEL = -1;

    // Luma of ITU-R 601 (0.299, 0.587, 0.114) in 16 bits; the three sum to 1, so a grey pixel stays as it is.
    private static final int RED = 19595;
    private static final int GREEN = 38470;
    private static final int BLUE = 7471;

    private final String name;
    private final int label;
    private final int width;
    private final int height;
    private final int channels;
    private final byte[] pixels;

    private Picture(String name, int label, int width, int height, int channels, byte[] pixels) {
        this.name = name;
        this.label = label;
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.pixels = pixels;
    }

    /**
     * A picture from its bytes.
     *
     * @param name what messages call it
     * @param label its class, or {@link #NO_LABEL}
     * @param width columns, at least 1
     * @param height rows, at least 1
     * @param channels 3 for red, green, blue; 1 for grey
     * @param pixels {@code [height, width, channels]}, unsigned; copied
     */
    public static Picture of(String name, int label, int width, int height, int channels, byte[] pixels) {
        return owning(name, label, width, height, channels, pixels.clone());
    }

    /**
     * Decodes a file: PNG, JPEG, GIF or BMP.
     *
     * @return a picture without a label, called by the file's path
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if its content is damaged or of another kind
     */
    public static Picture read(Path file) throws IOException {
        TextFiles.requireFile(file);
        try {
            return PictureDecoder.decode(file.toString(), NO_LABEL, Files.readAllBytes(file));
        } catch (PictureDecoder.DamagedException e) {
            throw new IllegalArgumentException(file + ": cannot be decoded: " + e.getMessage(), e);
        }
    }

    /** As {@link #of}, but the bytes are the picture's from now on. */
    static Picture owning(String name, int label, int width, int height, int channels, byte[] pixels) {
        Check.argument(label >= NO_LABEL, "%s: label must be 0 or more, or -1 for none, but is %s", name, label);
        Check.argument(
                width >= 1 && height >= 1, "%s: a picture must hold a pixel, but is %s x %s", name, width, height);
        Check.argument(channels == 1 || channels == 3, "%s: channels must be 1 or 3, but are %s", name, channels);
        Check.argument(
                pixels.length == (long) width * height * channels,
                "%s: %s x %s pixels of %s channels are %s bytes, but %s came",
                name,
                width,
                height,
                channels,
                (long) width * height * channels,
                pixels.length);
        return new Picture(name, label, width, height, channels, pixels);
    }

    /** What messages call it: a path below its folder, or a number in its file. */
    public String name() {
        return name;
    }

    /** Its class as an index into {@link ImageSource#labels()}, or {@link #NO_LABEL}. */
    public int label() {
        return label;
    }

    /** Columns. */
    public int width() {
        return width;
    }

    /** Rows. */
    public int height() {
        return height;
    }

    /** 3 for red, green, blue; 1 for grey. */
    public int channels() {
        return channels;
    }

    /** A copy of the bytes {@code [height, width, channels]}, unsigned. */
    public byte[] pixels() {
        return pixels.clone();
    }

    /**
     * This picture with another number of channels: grey becomes three equal channels; colour becomes the luma of ITU-R 601,
     * 0.299 red + 0.587 green + 0.114 blue, rounded, as Pillow computes it.
     *
     * @param count 1 or 3
     */
    public Picture withChannels(int count) {
        Check.argument(count == 1 || count == 3, "count must be 1 or 3, but is %s", count);
        if (count == channels) {
            return this;
        }
        int size = width * height;
        byte[] converted = new byte[size * count];
        for (int i = 0; i < size; i++) {
            if (count == 1) {
                converted[i] = (byte) luma(pixels[3 * i] & 0xff, pixels[3 * i + 1] & 0xff, pixels[3 * i + 2] & 0xff);
            } else {
                converted[3 * i] = pixels[i];
                converted[3 * i + 1] = pixels[i];
                converted[3 * i + 2] = pixels[i];
            }
        }
        return new Picture(name, label, width, height, count, converted);
    }

    /**
     * The grey that stands for a colour: 0.299 red + 0.587 green + 0.114 blue, rounded.
     *
     * @param red 0 to 255
     * @param green 0 to 255
     * @param blue 0 to 255
     * @return 0 to 255
     */
    public static int luma(int red, int green, int blue) {
        return (red * RED + green * GREEN + blue * BLUE + (1 << 15)) >> 16;
    }

    /**
     * Cuts out a region and resizes it; pixels outside of the region have no influence.
     *
     * @param region the part to cut out
     * @param newWidth columns of the result
     * @param newHeight rows of the result
     * @param interpolation the kernel, antialiased; see there how it compares with Pillow's
     * @return a picture of the same name, label and channels
     * @throws IllegalArgumentException if the region is not inside this picture
     */
    public Picture resized(Region region, int newWidth, int newHeight, Interpolation interpolation) {
        return resized(region, newWidth, newHeight, new Region(0, 0, newWidth, newHeight), interpolation);
    }

    /** A window of the region resized to a whole that need never exist. */
    Picture resized(Region region, long wholeWidth, long wholeHeight, Region window, Interpolation interpolation) {
        Check.argument(
                region.isInside(width, height),
                "%s: %s x %s pixels at (%s, %s) were asked of a picture of %s x %s",
                name,
                region.width(),
                region.height(),
                region.left(),
                region.top(),
                width,
                height);
        byte[] bytes =
                Resampling.resize(pixels, width, channels, region, wholeWidth, wholeHeight, window, interpolation);
        return new Picture(name, label, window.width(), window.height(), channels, bytes);
    }

    /** A part of this picture as a picture of its own. */
    Picture cut(Region region, String newName, int newLabel) {
        byte[] part = new byte[region.width() * region.height() * channels];
        int rowLength = region.width() * channels;
        for (int row = 0; row < region.height(); row++) {
            int from = ((region.top() + row) * width + region.left()) * channels;
            System.arraycopy(pixels, from, part, row * rowLength, rowLength);
        }
        return new Picture(newName, newLabel, region.width(), region.height(), channels, part);
    }

    /** Scales and normalises the pixels, channels last, into floats. */
    void normalizeInto(PixelNorm norm, float[] target, int offset) {
        float[][] table = norm.table();
        for (int i = 0; i < pixels.length; i++) {
            target[offset + i] = table[i % channels][pixels[i] & 0xff];
        }
    }
}
