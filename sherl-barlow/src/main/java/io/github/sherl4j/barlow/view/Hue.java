package io.github.sherl4j.barlow.view;

/**
 * Turns the hue, in place, on bytes {@code [pixels, 3]} of red, green and blue: by way of hue, saturation and value of 8 bits
 * each, as torchvision and Pillow do, with the precision and the rounding of each step theirs too. So even a turn by nothing
 * moves some colours by a little, as it did in the published training.
 */
final class Hue {
    private static final double FULL = 255;

    private Hue() {}

    /** Turns by a share of the circle, -0.5 to 0.5. */
    static void turn(byte[] rgb, double share) {
        int steps = (int) (share * FULL);
        for (int i = 0; i < rgb.length; i += 3) {
            int hsv = toHsv(rgb[i] & 0xff, rgb[i + 1] & 0xff, rgb[i + 2] & 0xff);
            toRgb((hsv >> 16) + steps & 0xff, hsv >> 8 & 0xff, hsv & 0xff, rgb, i);
        }
    }

    /** Hue, saturation and value as three bytes of an int. */
    private static int toHsv(int r, int g, int b) {
        int most = Math.max(r, Math.max(g, b));
        int least = Math.min(r, Math.min(g, b));
        if (most == least) {
            return most;
        }
        float range = most - least;
        float saturation = range / most;
        float fromRed = (most - r) / range;
        float fromGreen = (most - g) / range;
        float fromBlue = (most - b) / range;
        float sector;
        if (r == most) {
            sector = fromBlue - fromGreen;
        } else if (g == most) {
            sector = (float) (2.0 + fromRed - fromBlue);
        } else {
            sector = (float) (4.0 + fromGreen - fromRed);
        }
        float hue = (float) ((sector / 6.0 + 1.0) % 1.0);
        return (int) (hue * FULL) << 16 | (int) (saturation * FULL) << 8 | most;
    }

    private static void toRgb(int hue, int saturation, int value, byte[] rgb, int at) {
        if (saturation == 0) {
            set(rgb, at, value, value, value);
            return;
        }
        double turned = hue * 6.0 / FULL;
        int sector = (int) turned;
        float part = (float) (turned - sector);
        float strength = (float) (saturation / FULL);
        int p = (int) Math.round(value * (1.0 - strength));
        int q = (int) Math.round(value * (1.0 - (double) (strength * part)));
        int t = (int) Math.round(value * (1.0 - strength * (1.0 - part)));
        switch (sector % 6) {
            case 0 -> set(rgb, at, value, t, p);
            case 1 -> set(rgb, at, q, value, p);
            case 2 -> set(rgb, at, p, value, t);
            case 3 -> set(rgb, at, p, q, value);
            case 4 -> set(rgb, at, t, p, value);
            default -> set(rgb, at, value, p, q);
        }
    }

    private static void set(byte[] rgb, int at, int r, int g, int b) {
        rgb[at] = (byte) r;
        rgb[at + 1] = (byte) g;
        rgb[at + 2] = (byte) b;
    }
}
