package io.github.sherl4j.examples;

import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Picture;
import java.util.List;
import java.util.Optional;

/** Emoji as a clip shows them, but not moving. */
record EmojiStills(EmojiData data, List<Emoji> emoji) implements ImageSource {
    EmojiStills {
        emoji = List.copyOf(emoji);
    }

    @Override
    public int size() {
        return emoji.size();
    }

    @Override
    public List<String> labels() {
        return List.of();
    }

    @Override
    public int label(int index) {
        return Picture.NO_LABEL;
    }

    @Override
    public String name(int index) {
        return emoji.get(index).name();
    }

    @Override
    public Optional<Picture> picture(int index) {
        int side = EmojiData.SIDE;
        byte[] pixels = Motion.draw(data.picture(emoji.get(index)), side, Motion.Pose.still());
        return Optional.of(Picture.of(name(index), Picture.NO_LABEL, side, side, EmojiData.CHANNELS, pixels));
    }

    @Override
    public int skipped() {
        return 0;
    }
}
