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
import io.github.sherl4j.train.TrainListener;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullTuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/** A joint transformer of 0.1 million parameters that learns to answer questions about emoji, in the files of a large one. */
final class SmallJointNetwork {
    /** The longest question, special tokens included. */
    static final int POSITIONS = 8;

    private static final int BATCH = 32;
    private static final double RATE = 2e-3;
    private static final int WIDTH = 64;
    private static final int LAYERS = 2;

    /** BERT starts with deviations for a width of 768; narrow networks learn from wider ones sooner. */
    private static final double WIDER = 5;

    private SmallJointNetwork() {}

    /**
     * Trains it from scratch.
     *
     * @param folder an empty one, where its files are written
     * @param questions what it learns from, {@code epochs} times
     * @param others other questions of these kinds
     * @return the share of the others that it then answers rightly
     */
    static double train(
            Path folder,
            EmojiQuestions questions,
            EmojiQuestions others,
            int epochs,
            long seed,
            TrainListener... listeners)
            throws IOException {
        int vocabulary = WordTokenizer.write(
                folder.resolve("tokenizer.json"), List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"), EmojiQuestions.words());
        ClipVilConfig config =
                new ClipVilConfig(vocabulary, POSITIONS, 2, WIDTH, LAYERS, 4, 4 * WIDTH, EmojiKinds.width(), 1e-12);
        Files.writeString(folder.resolve("config.json"), """
            {"vocab_size": %d, "max_position_embeddings": %d, "type_vocab_size": 2, "hidden_size": %d,
             "num_hidden_layers": %d, "num_attention_heads": %d, "intermediate_size": %d, "visual_feat_dim": %d}
            """.formatted(
                        vocabulary, POSITIONS, WIDTH, LAYERS, config.heads(), config.hidden(), config.visualWidth()));
        Path weights = folder.resolve("model.safetensors");
        try (ClipVilBackbone random = ClipVilBackbone.random(config, null, DataType.FLOAT, seed)) {
            for (Parameter parameter : random.parameters()) {
                if (parameter.decays()) {
                    NativeArrays.scale(parameter.value(), WIDER);
                }
            }
            random.save(weights);
        }
        QuestionOptions options =
                new QuestionOptions("first", QuestionFile.answers(questions.examples(), 1), POSITIONS, seed);
        TrainConfig train = TrainConfig.defaults()
                .withEpochs(epochs)
                .withBatchSize(BATCH)
                .withPeakRate(RATE)
                .withRateShape(RateShape.cosine(0.1, 0))
                .withSeed(seed);
        try (ClipVilBackbone network = ClipVilBackbone.load(folder);
                QuestionModel model = new QuestionModel(network, new FullTuning<>(network), options)) {
            new Trainer(train, listeners).fit(model, model.prepare(questions.examples(), questions.features()), null);
            network.save(weights);
            return model.accuracy(model.prepare(others.examples(), others.features()));
        }
    }
}
