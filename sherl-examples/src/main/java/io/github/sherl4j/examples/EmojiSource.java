package io.github.sherl4j.examples;

import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Picture;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Some emoji as a source of pictures, in classes of one's choice. */
final class EmojiSource implements ImageSource {
    private final EmojiData data;
    private final List<Emoji> emoji;
    private final Function<Emoji, String> classOf;
    private final List<String> labels;

    /** The classes are those of all emoji, so that the numbers of classes agree between parts of them. */
    EmojiSource(EmojiData data, List<Emoji> emoji, Function<Emoji, String> classOf) {
        this.data = data;
        this.emoji = List.copyOf(emoji);
        this.classOf = classOf;
        this.labels = data.all().stream().map(classOf).distinct().toList();
    }

    @Override
    public int size() {
        return emoji.size();
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public int label(int index) {
        return labels.indexOf(classOf.apply(emoji.get(index)));
    }

    @Override
    public String name(int index) {
        return emoji.get(index).name();
    }

    @Override
    public Optional<Picture> picture(int index) {
        return Optional.of(Picture.of(
                name(index),
                label(index),
                EmojiData.SIDE,
                EmojiData.SIDE,
                EmojiData.CHANNELS,
                data.picture(emoji.get(index))));
    }

    @Override
    public int skipped() {
        return 0;
    }
}
