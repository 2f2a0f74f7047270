package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.HostFloats;
import io.github.sherl4j.nd.InParallel;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * A picture on its way into a network, without chance: the shorter side is resized to a length, the longer one in proportion;
 * a square is cut out of the middle; bytes become numbers. Sizes and roundings are torchvision's ({@code Resize},
 * {@code CenterCrop}): the longer side is {@code resize * longer / shorter} rounded down, the square's corner half of what is
 * left over, a half rounded to the even number.
 *
 * @param resize the length of the shorter side
 * @param crop the side of the square, at most {@code resize}
 * @param interpolation the kernel, antialiased
 * @param norm how bytes become numbers, and how many channels there are; a picture with others is converted
 */
public record ImageTransform(int resize, int crop, Interpolation interpolation, PixelNorm norm) {
    /** What torchvision's ImageNet networks are evaluated with: 256, 224, bilinear. */
    public static final ImageTransform IMAGENET =
            new ImageTransform(256, 224, Interpolation.BILINEAR, PixelNorm.IMAGENET);

    /** What CLIP at 224 pixels is given: 224, 224, bicubic. */
    public static final ImageTransform CLIP = new ImageTransform(224, 224, Interpolation.BICUBIC, PixelNorm.CLIP);

    /** Checks the sizes. */
    public ImageTransform {
        Check.argument(
                crop >= 1 && crop <= resize,
                "crop must be 1 to resize, which is %s, but is %s: a smaller picture holds no such square",
                resize,
                crop);
    }

    /** Small pictures at their own size: a square of that side, bilinear. */
    public static ImageTransform square(int side, PixelNorm norm) {
        return new ImageTransform(side, side, Interpolation.BILINEAR, norm);
    }

    /** The number of floats that a picture becomes. */
    public int length() {
        return crop * crop * norm.channels();
    }

    /** The cut-out as bytes, with this transform's channels. */
    public Picture cutOut(Picture picture) {
        int shorter = Math.min(picture.width(), picture.height());
        long width = (long) resize * picture.width() / shorter;
        long height = (long) resize * picture.height() / shorter;
        Region window = new Region(middle(width), middle(height), crop, crop);
        return picture.withChannels(norm.channels())
                .resized(new Region(0, 0, picture.width(), picture.height()), width, height, window, interpolation);
    }

    /**
     * Transforms a picture.
     *
     * @return {@code [crop, crop, channels]} in C order, owned by the caller
     */
    public float[] apply(Picture picture) {
        float[] numbers = new float[length()];
        cutOut(picture).normalizeInto(norm, numbers, 0);
        return numbers;
    }

    /**
     * Transforms some pictures, several at a time; each is let go of as soon as its square is cut out.
     *
     * @param count how many, at least 1
     * @param pictures decodes the picture of a row, 0 to count - 1; called by several threads
     * @return [count, crop, crop, channels] and, if all pictures have one, their labels; closed by the caller
     */
    public ImageBatch batch(int count, IntFunction<Picture> pictures) {
        Check.argument(count >= 1, "count must be at least 1, but is %s", count);
        HostFloats pixels = new HostFloats(count, crop, crop, norm.channels());
        try {
            int[] labels = new int[count];
            InParallel.forEach(count, row -> {
                Picture picture = pictures.apply(row);
                labels[row] = picture.label();
                pixels.put(row * length(), apply(picture));
            });
            boolean labelled = Arrays.stream(labels).noneMatch(label -> label == Picture.NO_LABEL);
            return ImageBatch.of(pixels.array(), labelled ? labels : new int[0]);
        } catch (RuntimeException | Error e) {
            pixels.close();
            throw e;
        }
    }

    private int middle(long length) {
        return (int) Math.rint((length - crop) / 2.0);
    }
}
