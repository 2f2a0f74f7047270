package io.github.sherl4j.examples;

import io.github.sherl4j.data.Captions;
import io.github.sherl4j.data.VideoFolder;
import io.github.sherl4j.data.VideoSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which videos and captions to learn from and to test on. */
final class VideoOptions {
    /** Every fifth of the known emoji moves in training, every twenty-fifth, another one, in the test. */
    private static final int TRAIN_EACH = 5;

    private static final int TEST_EACH = 25;

    @Option(
            names = "--videos",
            paramLabel = "DIR",
            description = "Folder with a folder of frames for each video (default: clips of emoji that move).")
    private @Nullable Path folder;

    @Option(
            names = "--train",
            paramLabel = "FILE",
            description = "CSV or TSV file with the training videos and their captions; needs --videos.")
    private @Nullable Path train;

    @Option(names = "--test", paramLabel = "FILE", description = "The same with the test videos.")
    private @Nullable Path test;

    @Option(
            names = "--video-column",
            paramLabel = "NAME",
            defaultValue = "video",
            description = "Column with the video's folder (default: ${DEFAULT-VALUE}).")
    private String videoColumn = "video";

    @Option(
            names = "--caption-column",
            paramLabel = "NAME",
            defaultValue = "caption",
            description = "Column with a caption; a video may have several rows (default: ${DEFAULT-VALUE}).")
    private String captionColumn = "caption";

    @Option(
            names = "--frames",
            paramLabel = "N",
            description = "Frames of a video that are looked at, from the first to the last"
                    + " (default: 6 for the clips, else 12).")
    private @Nullable Integer frames;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Train and test on the first N emoji of each part only; for the default clips.")
    private @Nullable Integer limit;

    /** Videos that captions name, in that order. */
    record Described(VideoSource videos, Captions captions) {}

    /** Both parts. */
    record Parts(Described train, Described test) {}

    void check(Options options) {
        options.require(
                (folder == null) == (train == null) && (folder == null) == (test == null),
                "--videos, --train and --test need each other");
        options.onlyIf(folder != null, "--video-column", "--videos");
        options.onlyIf(folder != null, "--caption-column", "--videos");
        options.onlyIf(folder == null, "--limit", "no --videos");
        options.require(frames == null || frames >= 1, "--frames must be at least 1, but is %s", frames);
        options.require(limit == null || limit >= 1, "--limit must be at least 1, but is %s", limit);
    }

    String task() {
        return folder == null ? "emoji clips" : folder.toString();
    }

    int frames() {
        return frames != null ? frames : folder == null ? 6 : 12;
    }

    /** The emoji that the small CLIP gets to know, not moving. */
    List<Emoji> known(EmojiData emoji) {
        return limit == null
                ? emoji.train()
                : emoji.train().subList(0, Math.min(emoji.train().size(), limit * TEST_EACH));
    }

    Parts load(EmojiData emoji) throws IOException {
        if (folder == null) {
            return new Parts(clips(emoji, TRAIN_EACH, 0), clips(emoji, TEST_EACH, 1));
        }
        return new Parts(
                described(folder, Objects.requireNonNull(train)), described(folder, Objects.requireNonNull(test)));
    }

    private Described described(Path videos, Path file) throws IOException {
        Captions captions = Captions.csv(file, videoColumn, captionColumn);
        return new Described(VideoFolder.open(videos, captions.names()), captions);
    }

    private Described clips(EmojiData data, int each, int first) {
        List<Emoji> known = known(data);
        List<Emoji> chosen = IntStream.range(0, known.size())
                .filter(i -> i % each == first)
                .mapToObj(known::get)
                .limit(limit == null ? known.size() : limit)
                .toList();
        EmojiClips clips = new EmojiClips(data, EmojiClips.of(chosen));
        return new Described(
                clips,
                Captions.of(clips.captions().stream()
                        .map(caption -> new Captions.Caption(caption, caption))
                        .toList()));
    }
}
