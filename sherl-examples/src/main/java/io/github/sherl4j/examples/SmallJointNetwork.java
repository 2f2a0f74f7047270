package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.clipvil.ClipVilBackbone;
import io.github.sherl4j.backbone.clipvil.ClipVilConfig;
import io.github.sherl4j.data.QuestionFile;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.NativeArrays;
import io.github.sherl4j.route.QuestionModel;
import io.github.sherl4j.route.QuestionOptions;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullTuning;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/** A joint transformer of 0.3 million parameters that learns to answer simple questions about emoji, in the files of a large one. */
final class SmallJointNetwork {
    private static final long SEED = 1;
    private static final int BATCH = 64;
    private static final double RATE = 2e-3;
    private static final int POSITIONS = 16;
    private static final int WIDTH = 64;
    private static final int LAYERS = 4;

    /** BERT starts with deviations for a width of 768; narrow networks learn from wider ones sooner. */
    private static final double WIDER = 5;

    private SmallJointNetwork() {}

    /**
     * Trains it from scratch.
     *
     * @param folder an empty one, where its files are written
     * @param questions number of questions in an epoch
     */
    static void train(EmojiData emoji, int questions, int epochs, Path folder, PrintWriter err) throws IOException {
        int vocabulary = WordTokenizer.write(
                folder.resolve("tokenizer.json"), List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"), EmojiQuestions.words());
        ClipVilConfig config =
                new ClipVilConfig(vocabulary, POSITIONS, 2, WIDTH, LAYERS, 4, 4 * WIDTH, EmojiCells.width(), 1e-12);
        Files.writeString(folder.resolve("config.json"), """
            {"vocab_size": %d, "max_position_embeddings": %d, "type_vocab_size": 2, "hidden_size": %d,
             "num_hidden_layers": %d, "num_attention_heads": %d, "intermediate_size": %d, "visual_feat_dim": %d}
            """.formatted(
                        vocabulary, POSITIONS, WIDTH, LAYERS, config.heads(), config.hidden(), config.visualWidth()));
        EmojiQuestions first = EmojiQuestions.first(emoji, questions, SEED);
        Path weights = folder.resolve("model.safetensors");
        try (ClipVilBackbone random = ClipVilBackbone.random(config, null, DataType.FLOAT, SEED)) {
            for (Parameter parameter : random.parameters()) {
                if (parameter.decays()) {
                    NativeArrays.scale(parameter.value(), WIDER);
                }
            }
            random.save(weights);
        }
        QuestionOptions options =
                new QuestionOptions("first", QuestionFile.answers(first.examples(), 1), POSITIONS, SEED);
        TrainConfig train = TrainConfig.defaults()
                .withEpochs(epochs)
                .withBatchSize(BATCH)
                .withPeakRate(RATE)
                .withRateShape(RateShape.cosine(0.1, 0))
                .withSeed(SEED);
        try (ClipVilBackbone network = ClipVilBackbone.load(folder);
                QuestionModel model = new QuestionModel(network, new FullTuning<>(network), options);
                ProgressListener progress = new ProgressListener("small network", err)) {
            new Trainer(train, progress).fit(model, model.prepare(first.examples(), first.features()), null);
            network.save(weights);
        }
    }
}
