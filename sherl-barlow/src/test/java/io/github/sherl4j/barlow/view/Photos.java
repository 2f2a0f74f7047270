package io.github.sherl4j.barlow.view;

import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Picture;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** Pictures for tests. */
final class Photos {
    static final int WIDTH = 37;
    static final int HEIGHT = 23;

    private Photos() {}

    /** The bytes [HEIGHT, WIDTH, 3] of a picture that stands in the test resources. */
    static byte[] resource(String name) {
        try (InputStream in =
                Objects.requireNonNull(Photos.class.getResourceAsStream("/views/" + name + ".png"), name)) {
            return rgb(ImageIO.read(in));
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    static byte[] rgb(BufferedImage image) {
        byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
        for (int i = 0; i < rgb.length / 3; i++) {
            int color = image.getRGB(i % image.getWidth(), i / image.getWidth());
            rgb[3 * i] = (byte) (color >> 16);
            rgb[3 * i + 1] = (byte) (color >> 8);
            rgb[3 * i + 2] = (byte) color;
        }
        return rgb;
    }

    static Picture photo() {
        return Picture.of("photo", 0, WIDTH, HEIGHT, 3, resource("photo"));
    }

    /** A picture of noise. */
    static Picture noise(String name, int label, int width, int height, long seed) {
        byte[] bytes = new byte[width * height * 3];
        new SplittableRandom(seed).nextBytes(bytes);
        return Picture.of(name, label, width, height, 3, bytes);
    }

    /** A source of so many pictures of noise, of several sizes, the class of each its number modulo 3. */
    static ImageSource source(int count) {
        return new ImageSource() {
            @Override
            public int size() {
                return count;
            }

            @Override
            public List<String> labels() {
                return List.of("a", "b", "c");
            }

            @Override
            public int label(int index) {
                return index % 3;
            }

            @Override
            public String name(int index) {
                return "noise-" + index;
            }

            @Override
            public Optional<Picture> picture(int index) {
                return Optional.of(noise(name(index), label(index), 20 + index % 5, 30 - index % 7, index));
            }

            @Override
            public int skipped() {
                return 0;
            }
        };
    }
}
