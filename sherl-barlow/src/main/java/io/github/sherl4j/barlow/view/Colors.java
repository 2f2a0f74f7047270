package io.github.sherl4j.barlow.view;

import io.github.sherl4j.data.Picture;

/**
 * Changes of colour, in place, on bytes {@code [pixels, 3]} of red, green and blue. Each is defined as Pillow defines it and
 * rounds as it does: a factor mixes a picture with a poorer one, {@code poor + factor * (rich - poor)}, cut off to a byte.
 */
final class Colors {
    private static final int VALUES = 256;
    private static final int MIDDLE = 128;

    private Colors() {}

    /** Mixed with black. */
    static void brightness(byte[] rgb, float factor) {
        apply(rgb, mixedWith(0, factor));
    }

    /** Mixed with the one grey that is the picture's mean luma, rounded. */
    static void contrast(byte[] rgb, float factor) {
        long sum = 0;
        for (int i = 0; i < rgb.length; i += 3) {
            sum += luma(rgb, i);
        }
        int pixels = rgb.length / 3;
        apply(rgb, mixedWith((int) ((double) sum / pixels + 0.5), factor));
    }

    /** Mixed with each pixel's own grey. */
    static void saturation(byte[] rgb, float factor) {
        for (int i = 0; i < rgb.length; i += 3) {
            int grey = luma(rgb, i);
            rgb[i] = mix(grey, rgb[i] & 0xff, factor);
            rgb[i + 1] = mix(grey, rgb[i + 1] & 0xff, factor);
            rgb[i + 2] = mix(grey, rgb[i + 2] & 0xff, factor);
        }
    }

    /** All three channels become the luma. */
    static void grey(byte[] rgb) {
        for (int i = 0; i < rgb.length; i += 3) {
            byte grey = (byte) luma(rgb, i);
            rgb[i] = grey;
            rgb[i + 1] = grey;
            rgb[i + 2] = grey;
        }
    }

    /** Values from 128 on are inverted. */
    static void solarize(byte[] rgb) {
        for (int i = 0; i < rgb.length; i++) {
            int value = rgb[i] & 0xff;
            if (value >= MIDDLE) {
                rgb[i] = (byte) (VALUES - 1 - value);
            }
        }
    }

    private static int luma(byte[] rgb, int at) {
        return Picture.luma(rgb[at] & 0xff, rgb[at + 1] & 0xff, rgb[at + 2] & 0xff);
    }

    private static byte[] mixedWith(int poor, float factor) {
        byte[] table = new byte[VALUES];
        for (int value = 0; value < VALUES; value++) {
            table[value] = mix(poor, value, factor);
        }
        return table;
    }

    private static byte mix(int poor, int rich, float factor) {
        float mixed = poor + factor * (rich - poor);
        return (byte) (int) Math.max(0, Math.min(255, mixed));
    }

    private static void apply(byte[] rgb, byte[] table) {
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = table[rgb[i] & 0xff];
        }
    }
}
