package io.github.sherl4j.examples;

import io.github.sherl4j.data.Picture;
import java.awt.AlphaComposite;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;

/** What an emoji can do in a clip. A mean over frames does not see their order, so each motion shows other frames. */
enum Motion {
    SLIDES("slides sideways") {
        @Override
        void change(Pose pose, double time) {
            pose.x = 2 * time - 1;
        }
    },
    BOUNCES("bounces up and down") {
        @Override
        void change(Pose pose, double time) {
            pose.y = Math.cos(2 * Math.PI * time);
        }
    },
    GROWS("grows") {
        @Override
        void change(Pose pose, double time) {
            pose.scale = 0.3 + 0.7 * time;
        }
    },
    SPINS("spins around") {
        @Override
        void change(Pose pose, double time) {
            pose.angle = 2 * Math.PI * time;
        }
    },
    FADES("fades away") {
        @Override
        void change(Pose pose, double time) {
            pose.opacity = 1 - 0.9 * time;
        }
    },
    PALES("loses its colour") {
        @Override
        void change(Pose pose, double time) {
            pose.grey = time;
        }
    };

    /** How large an emoji is in a frame unless it grows. */
    private static final double SIZE = 0.6;

    private static final int OPAQUE = 0xff;
    private static final int RED_SHIFT = 16;
    private static final int GREEN_SHIFT = 8;

    /** Where and how an emoji is drawn. */
    static final class Pose {
        private double x;
        private double y;
        private double scale = SIZE;
        private double angle;
        private double opacity = 1;
        private double grey;

        /** In the middle, not moving. */
        static Pose still() {
            return new Pose();
        }
    }

    private final String words;

    Motion(String words) {
        this.words = words;
    }

    abstract void change(Pose pose, double time);

    /** The motion in a caption, behind the emoji's name. */
    String words() {
        return words;
    }

    /** The pose at a time from 0 to 1. */
    Pose at(double time) {
        Pose pose = new Pose();
        change(pose, time);
        return pose;
    }

    /**
     * Draws a picture over white, as large as it is.
     *
     * @param rgb [side, side, red green blue], not modified
     * @return the same shape, new
     */
    static byte[] draw(byte[] rgb, int side, Pose pose) {
        BufferedImage canvas = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = canvas.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, side, side);
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            graphics.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, (float) pose.opacity));
            double room = side * (1 - pose.scale) / 2;
            AffineTransform place =
                    AffineTransform.getTranslateInstance(room * (1 + pose.x), Math.max(0, room * (1 + pose.y)));
            place.rotate(pose.angle, side * pose.scale / 2, side * pose.scale / 2);
            place.scale(pose.scale, pose.scale);
            graphics.drawImage(image(rgb, side, pose.grey), place, null);
        } finally {
            graphics.dispose();
        }
        return bytes(canvas, side);
    }

    private static BufferedImage image(byte[] rgb, int side, double grey) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_ARGB);
        for (int i = 0; i < side * side; i++) {
            int red = rgb[3 * i] & 0xff;
            int green = rgb[3 * i + 1] & 0xff;
            int blue = rgb[3 * i + 2] & 0xff;
            int luma = Picture.luma(red, green, blue);
            int argb = OPAQUE << 24
                    | mixed(red, luma, grey) << RED_SHIFT
                    | mixed(green, luma, grey) << GREEN_SHIFT
                    | mixed(blue, luma, grey);
            image.setRGB(i % side, i / side, argb);
        }
        return image;
    }

    private static int mixed(int colour, int luma, double grey) {
        return (int) Math.round(colour + grey * (luma - colour));
    }

    private static byte[] bytes(BufferedImage canvas, int side) {
        int[] pixels = canvas.getRGB(0, 0, side, side, null, 0, side);
        byte[] bytes = new byte[3 * pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            bytes[3 * i] = (byte) (pixels[i] >> RED_SHIFT);
            bytes[3 * i + 1] = (byte) (pixels[i] >> GREEN_SHIFT);
            bytes[3 * i + 2] = (byte) pixels[i];
        }
        return bytes;
    }
}
