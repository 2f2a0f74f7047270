package io.github.sherl4j.barlow.view;

import io.github.sherl4j.data.Region;
import java.util.SplittableRandom;

/** Draws the rectangle of a random resized crop, as torchvision's {@code RandomResizedCrop.get_params} does. */
final class RandomCrop {
    private static final int ATTEMPTS = 10;

    private RandomCrop() {}

    /** A rectangle inside of a picture; the largest one in the middle, if ten drawn ones do not fit. */
    static Region draw(int width, int height, CropOptions options, SplittableRandom random) {
        double area = (double) width * height;
        double logMin = Math.log(options.minAspect());
        double logMax = Math.log(options.maxAspect());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            double target = area * uniform(random, options.minArea(), options.maxArea());
            double aspect = Math.exp(uniform(random, logMin, logMax));
            int w = (int) Math.rint(Math.sqrt(target * aspect));
            int h = (int) Math.rint(Math.sqrt(target / aspect));
            if (w > 0 && w <= width && h > 0 && h <= height) {
                int top = random.nextInt(height - h + 1);
                int left = random.nextInt(width - w + 1);
                return new Region(left, top, w, h);
            }
        }
        return middle(width, height, options);
    }

    private static Region middle(int width, int height, CropOptions options) {
        double aspect = (double) width / height;
        int w = width;
        int h = height;
        if (aspect < options.minAspect()) {
            h = (int) Math.max(1, Math.min(height, Math.rint(width / options.minAspect())));
        } else if (aspect > options.maxAspect()) {
            w = (int) Math.max(1, Math.min(width, Math.rint(height * options.maxAspect())));
        }
        return new Region((width - w) / 2, (height - h) / 2, w, h);
    }

    /** A number from low to high. */
    static double uniform(SplittableRandom random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }
}
