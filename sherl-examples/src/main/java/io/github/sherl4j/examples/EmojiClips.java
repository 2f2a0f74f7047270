package io.github.sherl4j.examples;

import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.VideoSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Short videos of emoji that move, made when they are asked for. */
final class EmojiClips implements VideoSource {
    /** Frames of a clip. */
    static final int FRAMES = 16;

    /** A clip: who does what. */
    record Clip(Emoji emoji, Motion motion) {
        String caption() {
            return emoji.name() + " " + motion.words();
        }
    }

    private final EmojiData data;
    private final List<Clip> clips;

    EmojiClips(EmojiData data, List<Clip> clips) {
        this.data = data;
        this.clips = List.copyOf(clips);
    }

    /** Two clips of each emoji, with motions that differ from one emoji to the next. */
    static List<Clip> of(List<Emoji> emoji) {
        Motion[] motions = Motion.values();
        List<Clip> clips = new ArrayList<>();
        for (int i = 0; i < emoji.size(); i++) {
            int first = i % motions.length;
            int second = (first + 1 + i / motions.length % (motions.length - 1)) % motions.length;
            clips.add(new Clip(emoji.get(i), motions[first]));
            clips.add(new Clip(emoji.get(i), motions[second]));
        }
        return clips;
    }

    List<String> captions() {
        return clips.stream().map(Clip::caption).toList();
    }

    @Override
    public int size() {
        return clips.size();
    }

    @Override
    public String name(int index) {
        return clips.get(index).caption();
    }

    @Override
    public ImageSource frames(int index) {
        return new Frames(data, clips.get(index));
    }

    private record Frames(EmojiData data, Clip clip) implements ImageSource {
        @Override
        public int size() {
            return FRAMES;
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
            return clip.caption() + ", frame " + index;
        }

        @Override
        public Optional<Picture> picture(int index) {
            int side = EmojiData.SIDE;
            Motion.Pose pose = clip.motion().at(index / (FRAMES - 1.0));
            byte[] pixels = Motion.draw(data.picture(clip.emoji()), side, pose);
            return Optional.of(Picture.of(name(index), Picture.NO_LABEL, side, side, EmojiData.CHANNELS, pixels));
        }

        @Override
        public int skipped() {
            return 0;
        }
    }
}
