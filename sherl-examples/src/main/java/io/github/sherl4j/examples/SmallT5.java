package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.t5.T5Backbone;
import io.github.sherl4j.backbone.t5.T5Config;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.route.SequenceModel;
import io.github.sherl4j.route.SequenceOptions;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainListener;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.SequenceFullTuning;
import io.github.sherl4j.weights.SafeTensors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A T5 of 3 + 3 blocks of width 48, which is pre-trained here on tasks of letters, since no real one comes with the class path. */
final class SmallT5 {
    private static final String TOKENIZER = "letters-tokenizer.json";
    private static final T5Config CONFIG = new T5Config(19, 48, 12, 4, 96, 3, 3, 8, 16, 1e-6, false, true, 32, 0, 1);

    private SmallT5() {}

    /** Texts of at most 10 tokens, targets of at most 9. */
    static SequenceOptions lengths() {
        return new SequenceOptions(12, 9);
    }

    /**
     * Trains the network and writes it as a Hugging Face folder.
     *
     * @param folder made if it does not exist
     * @param examples how many texts it sees
     * @return share of other texts of the same tasks that it then turns into their targets
     */
    static double train(Path folder, int examples, long seed, TrainListener... listeners) throws IOException {
        try (T5Backbone t5 = random(CONFIG, seed);
                SequenceModel model = SequenceFullTuning.model(t5, lengths())) {
            TrainConfig config = TrainConfig.defaults()
                    .withEpochs(1)
                    .withBatchSize(64)
                    .withPeakRate(3e-3)
                    .withWeightDecay(0)
                    .withSeed(seed);
            new Trainer(config, listeners).fit(model, model.tokenize(Letters.preTraining(examples, seed)), null);
            write(folder, t5);
            return model.exactMatches(Letters.preTraining(400, seed + 1));
        }
    }

    /** Writes the network as it starts. */
    static Path writeRandom(Path folder, long seed) throws IOException {
        try (T5Backbone t5 = random(CONFIG, seed)) {
            write(folder, t5);
        }
        return folder;
    }

    /** A network of other sizes for the same letters, as it starts. */
    static T5Backbone random(T5Config config, long seed) throws IOException {
        TextTokenizer texts = TextTokenizer.load(new ByteArrayInputStream(tokenizer()), TOKENIZER);
        return T5Backbone.random(config, texts, DataType.FLOAT, seed);
    }

    private static byte[] tokenizer() throws IOException {
        try (InputStream json = Objects.requireNonNull(SmallT5.class.getResourceAsStream(TOKENIZER), TOKENIZER)) {
            return json.readAllBytes();
        }
    }

    /** Writes a network of version 1.0 as a Hugging Face folder, which is made if it does not exist. */
    static void write(Path folder, T5Backbone t5) throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (Parameter parameter : t5.parameters()) {
            tensors.put(parameter.name(), parameter.value());
        }
        Files.createDirectories(folder);
        SafeTensors.write(folder.resolve("model.safetensors"), tensors, Map.of());
        Files.writeString(folder.resolve("config.json"), json(t5.config()));
        Files.write(folder.resolve("tokenizer.json"), tokenizer());
    }

    private static String json(T5Config config) {
        return """
            {"model_type": "t5", "vocab_size": %d, "d_model": %d, "d_kv": %d, "num_heads": %d, "d_ff": %d,
             "num_layers": %d, "num_decoder_layers": %d, "relative_attention_num_buckets": %d,
             "relative_attention_max_distance": %d, "layer_norm_epsilon": %s, "feed_forward_proj": "relu",
             "tie_word_embeddings": true, "n_positions": %d}
            """.formatted(
                        config.vocabulary(),
                        config.width(),
                        config.keyWidth(),
                        config.heads(),
                        config.hidden(),
                        config.layers(),
                        config.decoderLayers(),
                        config.buckets(),
                        config.maxDistance(),
                        config.normEps(),
                        config.maxTokens());
    }
}
