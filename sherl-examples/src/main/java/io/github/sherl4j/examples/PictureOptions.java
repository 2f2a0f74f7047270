package io.github.sherl4j.examples;

import io.github.sherl4j.data.IdxImages;
import io.github.sherl4j.data.ImageFolder;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.ImageSubset;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.PixelNorm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which pictures: a folder, IDX files, or the emoji that come with this program. */
final class PictureOptions {
    private static final int FOLDER_SIZE = 224;
    private static final int IDX_SIZE = 28;
    private static final long SPLIT_SEED = 1;
    private static final PixelNorm GREY = new PixelNorm(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Pictures of a folder and of the folders below it; those of the first level are classes.")
    private @Nullable Path folder;

    @Option(names = "--idx", paramLabel = "FILE", description = "Pictures of an IDX file, plain or .gz.")
    private @Nullable Path idx;

    @Option(names = "--idx-labels", paramLabel = "FILE", description = "Their labels.")
    private @Nullable Path idxLabels;

    @Option(names = "--test-idx", paramLabel = "FILE", description = "Test pictures, with --test-idx-labels.")
    private @Nullable Path testIdx;

    @Option(names = "--test-idx-labels", paramLabel = "FILE", description = "Their labels.")
    private @Nullable Path testIdxLabels;

    @Option(
            names = "--held-out",
            paramLabel = "SHARE",
            description = "Share of the pictures that is kept for tests, where there are none (default: 0.2).")
    private @Nullable Double heldOut;

    @Option(names = "--images", paramLabel = "N", description = "Pre-train on the first N pictures only.")
    private @Nullable Integer images;

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            description = "Width and height of pictures in the network (default: " + EmojiData.SIDE + " for emoji, "
                    + IDX_SIZE + " for IDX files, " + FOLDER_SIZE + " for folders).")
    private @Nullable Integer size;

    void check(Options options) {
        options.require(folder == null || idx == null, "--folder and --idx exclude each other");
        options.onlyIf(idx != null, "--idx-labels", "--idx");
        options.onlyIf(idxLabels != null, "--test-idx", "--idx-labels");
        options.require((testIdx == null) == (testIdxLabels == null), "--test-idx and --test-idx-labels go together");
        options.onlyIf(testIdx == null && (folder != null || idx != null), "--held-out", "--folder or --idx alone");
        options.require(
                heldOut == null || (heldOut > 0 && heldOut < 1),
                "--held-out must be between 0 and 1, but is %s",
                heldOut);
        options.require(images == null || images >= 2, "--images must be at least 2, but is %s", images);
        options.require(size == null || size >= 8, "--size must be at least 8, but is %s", size);
    }

    int size() {
        if (size != null) {
            return size;
        }
        return folder != null ? FOLDER_SIZE : idx != null ? IDX_SIZE : EmojiData.SIDE;
    }

    PixelNorm norm() {
        return idx != null ? GREY : PixelNorm.IMAGENET;
    }

    /** The same for pixels alone: grey pictures keep their one channel, which says all that three would. */
    ImageTransform pixels(ImageTransform transform) {
        PixelNorm norm = idx != null ? PixelNorm.grey(0.5, 0.5) : transform.norm();
        return new ImageTransform(transform.resize(), transform.crop(), transform.interpolation(), norm);
    }

    String name() {
        return folder != null ? folder.toString() : idx != null ? idx.toString() : "emoji";
    }

    /** Pre-training gets no picture that is kept for tests. */
    Pictures load() throws IOException {
        Pictures all = idx != null ? idx(idx) : folder != null ? split(ImageFolder.open(folder)) : emoji();
        return images == null ? all : new Pictures(ImageSubset.first(all.train(), images), all.train(), all.test());
    }

    private Pictures idx(Path pictures) throws IOException {
        if (idxLabels == null) {
            return split(IdxImages.read(pictures));
        }
        IdxImages train = IdxImages.read(pictures, idxLabels);
        if (testIdx == null || testIdxLabels == null) {
            return split(train);
        }
        return new Pictures(train, train, IdxImages.read(testIdx, testIdxLabels));
    }

    private static Pictures emoji() throws IOException {
        EmojiData emoji = EmojiData.load();
        ImageSource train = new EmojiSource(emoji, emoji.train(), Emoji::category);
        return new Pictures(train, train, new EmojiSource(emoji, emoji.test(), Emoji::category));
    }

    /** Divides by chance; without labels all are for pre-training. */
    private Pictures split(ImageSource source) {
        boolean labelled = IntStream.range(0, source.size()).allMatch(i -> source.label(i) != Picture.NO_LABEL);
        int held = (int) Math.round((heldOut == null ? 0.2 : heldOut) * source.size());
        if (!labelled || held == 0 || held == source.size()) {
            return new Pictures(source, source, null);
        }
        int[] order = IntStream.range(0, source.size()).toArray();
        SplittableRandom random = new SplittableRandom(SPLIT_SEED);
        for (int i = 1; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        int[] test = IntStream.range(0, held).map(i -> order[i]).sorted().toArray();
        int[] train =
                IntStream.range(held, order.length).map(i -> order[i]).sorted().toArray();
        ImageSource rest = ImageSubset.of(source, train);
        return new Pictures(rest, rest, ImageSubset.of(source, test));
    }
}
