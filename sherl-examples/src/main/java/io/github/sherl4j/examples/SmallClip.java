package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.clip.Clip;
import io.github.sherl4j.backbone.clip.ClipImageConfig;
import io.github.sherl4j.backbone.clip.ClipTextConfig;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PairData;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.head.FeatureHead;
import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.route.PairLoss;
import io.github.sherl4j.route.Tower;
import io.github.sherl4j.route.TwoTowerModel;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FeatureTuning;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A CLIP of half a million parameters for pictures of 48 x 48, which learns emoji that do not move by their names. What moves
 * it has never seen, and the words for it are in its vocabulary only.
 */
final class SmallClip {
    private static final ClipImageConfig IMAGE =
            new ClipImageConfig(EmojiData.SIDE, 8, 3, 64, 4, 4, 256, 64, Activation.QUICK_GELU, 1e-5);
    private static final int MOST_TOKENS = 24;
    private static final double SCALE = 20;
    private static final long SEED = 1;
    private static final int BATCH = 64;
    private static final double RATE = 2e-3;

    private SmallClip() {}

    /** What pictures of this network go through. */
    static ImageTransform transform() {
        return ImageTransform.square(EmojiData.SIDE, PixelNorm.CLIP);
    }

    /**
     * Trains it from scratch.
     *
     * @param emoji what it gets to know, of which nothing else is said than the name
     * @param folder where it is written as Hugging Face has a CLIP
     */
    static void train(EmojiData data, List<Emoji> emoji, int epochs, Path folder, PrintWriter err) throws IOException {
        ClipWords words = ClipWords.of(Stream.concat(
                        data.all().stream().map(Emoji::name),
                        Stream.of(Motion.values()).map(Motion::words))
                .toList());
        Files.writeString(folder.resolve("tokenizer.json"), words.json());
        ClipTextConfig text =
                new ClipTextConfig(words.vocabulary(), MOST_TOKENS, 64, 4, 4, 256, 64, Activation.QUICK_GELU, 1e-5);
        TextTokenizer tokenizer = TextTokenizer.load(
                new ByteArrayInputStream(words.json().getBytes(StandardCharsets.UTF_8)), "tokenizer.json");
        try (Clip clip = Clip.random(IMAGE, text, tokenizer, SCALE, SEED);
                TwoTowerModel<ImageBatch, TokenBatch> model = new TwoTowerModel<>(
                        new Tower<>(
                                clip.image(),
                                FeatureTuning.full(clip.image()),
                                FeatureHead.of(clip.image().featureWidth())),
                        new Tower<>(
                                clip.text(),
                                FeatureTuning.full(clip.text()),
                                FeatureHead.of(clip.text().featureWidth())),
                        PairLoss.contrastive(1 / SCALE));
                ProgressListener progress = new ProgressListener("small CLIP", err)) {
            List<TextExample> names = emoji.stream()
                    .map(one -> new TextExample(one.name(), null, null))
                    .toList();
            PairData<ImageBatch, TokenBatch> pairs = PairData.of(
                    ImageData.paired(new EmojiStills(data, emoji), transform()),
                    TokenizedData.of(tokenizer.encodeAll(names, MOST_TOKENS), new int[0]),
                    IntStream.range(0, emoji.size()).toArray());
            TrainConfig config = TrainConfig.defaults()
                    .withEpochs(epochs)
                    .withBatchSize(BATCH)
                    .withPeakRate(RATE)
                    .withRateShape(RateShape.cosine(0.1, 0))
                    .withSeed(SEED);
            new Trainer(config, progress).fit(model, pairs, null);
            clip.save(folder);
        }
    }
}
