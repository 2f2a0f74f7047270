package io.github.sherl4j.barlow.view;

import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.nd.Check;

/**
 * A random resized crop: a rectangle of random area and aspect ratio, resized to a square.
 *
 * @param size the square's side in pixels
 * @param minArea the least share of the picture's area, above 0
 * @param maxArea the largest share, at most 1
 * @param minAspect the least ratio of width to height, above 0; ratios are uniform on a logarithmic scale
 * @param maxAspect the largest ratio
 * @param interpolation the kernel, antialiased
 */
public record CropOptions(
        int size, double minArea, double maxArea, double minAspect, double maxAspect, Interpolation interpolation) {
    /** Checks the numbers. */
    public CropOptions {
        Check.argument(size >= 1, "size must be at least 1, but is %s", size);
        Check.argument(
                minArea > 0 && minArea <= maxArea && maxArea <= 1,
                "minArea and maxArea must be above 0, at most 1 and in order, but are %s and %s",
                minArea,
                maxArea);
        Check.argument(
                minAspect > 0 && minAspect <= maxAspect && Double.isFinite(maxAspect),
                "minAspect and maxAspect must be positive and in order, but are %s and %s",
                minAspect,
                maxAspect);
    }

    /** The paper's: 8 to 100 percent of the area, a ratio of 3/4 to 4/3, bicubic. */
    public static CropOptions paper(int size) {
        return new CropOptions(size, 0.08, 1, 3.0 / 4, 4.0 / 3, Interpolation.BICUBIC);
    }

    /** These options with other shares of the area. */
    public CropOptions withArea(double min, double max) {
        return new CropOptions(size, min, max, minAspect, maxAspect, interpolation);
    }
}
