package io.github.sherl4j.barlow.pretrain;

import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Picture;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Pictures of two kinds, stripes along or across, each with noise of its own.
 *
 * @param size number of pictures
 * @param side their width and height
 */
public record Noise(int size, int side) implements ImageSource {
    @Override
    public List<String> labels() {
        return List.of("along", "across");
    }

    @Override
    public int label(int index) {
        return index % 2;
    }

    @Override
    public String name(int index) {
        return "noise-" + index;
    }

    @Override
    public Optional<Picture> picture(int index) {
        SplittableRandom random = new SplittableRandom(index);
        byte[] pixels = new byte[side * side];
        for (int i = 0; i < pixels.length; i++) {
            int line = label(index) == 0 ? i / side : i % side;
            pixels[i] = (byte) (line % 4 < 2 ? 40 + random.nextInt(100) : 100 + random.nextInt(100));
        }
        return Optional.of(Picture.of(name(index), label(index), side, side, 1, pixels));
    }

    @Override
    public int skipped() {
        return 0;
    }
}
