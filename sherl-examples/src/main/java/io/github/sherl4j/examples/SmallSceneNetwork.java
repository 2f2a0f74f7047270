package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.backbone.detr.DetrConfig;
import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.data.SceneData;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.NativeArrays;
import io.github.sherl4j.route.GroundingModel;
import io.github.sherl4j.route.MdetrFolder;
import io.github.sherl4j.route.SceneConfig;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullScene;
import io.github.sherl4j.tuning.FullTuning;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;

/** An MDETR of 90 thousand parameters that learns to find emoji by their names, in the files of a large one. */
final class SmallSceneNetwork {
    private static final long SEED = 1;
    private static final int BATCH = 32;
    private static final double RATE = 3e-3;
    private static final int WIDTH = 32;
    private static final int HEADS = 4;
    private static final int STEM = 8;
    private static final List<Integer> STAGES = List.of(STEM, 2 * STEM, WIDTH);
    private static final int HIDDEN = 64;
    private static final int TOKENS = 12;
    private static final int CLASSES = 16;
    private static final int QUERIES = 3;

    /**
     * A deviation of 0.02 is for a width of 768. Here weights begin wider, those of the heads too, without which training stays
     * where it begins: at boxes in the middle.
     */
    private static final double WIDER = 7;

    private static final ResNetConfig PICTURES =
            ResNetConfig.resNet18().withSizes(List.of(1, 1, 1), STEM, STAGES).withStem(ResNetConfig.Stem.SMALL);

    private SmallSceneNetwork() {}

    /**
     * Trains it from scratch.
     *
     * @param folder an empty one, where its files are written
     * @param scenes number of pictures in an epoch
     */
    static void train(EmojiData emoji, int scenes, int epochs, Path folder, PrintWriter err) throws IOException {
        int vocabulary = WordTokenizer.write(
                folder.resolve("tokenizer.json"), List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"), EmojiScenes.words());
        DetrConfig config = new DetrConfig(WIDTH, HEADS, HIDDEN, 2, 3, QUERIES, 1e-5);
        BertConfig texts = new BertConfig(vocabulary, TOKENS, 1, WIDTH, 1, HEADS, HIDDEN, 1e-12);
        Files.writeString(folder.resolve("config.json"), """
            {"d_model": %d, "nheads": %d, "dim_feedforward": %d, "enc_layers": %d, "dec_layers": %d, "num_queries": %d,
             "num_classes": %d, "backbone": {"blocks": [1, 1, 1], "stem": %d, "widths": %s},
             "text_config": {"model_type": "bert", "vocab_size": %d, "max_position_embeddings": %d,
                 "type_vocab_size": 1, "hidden_size": %d, "num_hidden_layers": 1, "num_attention_heads": %d,
                 "intermediate_size": %d}}
            """.formatted(
                        WIDTH,
                        HEADS,
                        HIDDEN,
                        config.encoderLayers(),
                        config.decoderLayers(),
                        QUERIES,
                        CLASSES - 1,
                        STEM,
                        STAGES,
                        vocabulary,
                        TOKENS,
                        WIDTH,
                        HEADS,
                        HIDDEN));
        EmojiScenes pale = EmojiScenes.pale(emoji, scenes, SEED);
        TrainConfig train = TrainConfig.defaults()
                .withEpochs(epochs)
                .withBatchSize(BATCH)
                .withPeakRate(RATE)
                .withClipNorm(10)
                .withRateShape(RateShape.cosine(0.05, 0))
                .withSeed(SEED);
        TextTokenizer tokenizer = TextTokenizer.load(folder.resolve("tokenizer.json"));
        ResNetBackbone pictures = ResNetBackbone.random(PICTURES, DataType.FLOAT, SEED);
        pictures.statistics(BatchNorm.Statistics.BATCH);
        BertBackbone text = BertBackbone.random(texts, tokenizer, DataType.FLOAT, SEED);
        try (MdetrNetwork network = MdetrNetwork.random(config, CLASSES, pictures, text, SEED)) {
            widen(text.parameters());
            widen(network.transformer().parameters());
            widen(network.frontParameters());
            widen(List.of(network.queries())); // to a deviation of 1, as DETR's begin
            SceneData data = SceneData.of(
                    pale.examples(), tokenizer, TOKENS, pale.pictures(), EmojiScenes.SIDE, PixelNorm.IMAGENET);
            try (GroundingModel model = new GroundingModel(
                            network,
                            new FullScene(network.transformer()),
                            new GroundingModel.Whole(new FullTuning<>(pictures), new FullTuning<>(text)),
                            1);
                    ProgressListener progress = new ProgressListener("small network", err)) {
                widen(model.parameters().named().entrySet().stream()
                        .filter(parameter -> parameter.getKey().startsWith("head."))
                        .map(Map.Entry::getValue)
                        .toList());
                new Trainer(train, progress).fit(model, data, null);
                model.keepHeads();
                MdetrFolder.saveWeights(network, pictures, folder);
            }
        }
    }

    /** An adapter as wide as the network, which is narrow, and heads that learn as fast. */
    static SceneConfig widest(SceneConfig config) {
        return config.withReduction(1).withHeadRate(1);
    }

    private static void widen(List<Parameter> parameters) {
        parameters.stream()
                .filter(Parameter::decays)
                .forEach(parameter -> NativeArrays.scale(parameter.value(), WIDER));
    }
}
