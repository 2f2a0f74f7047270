package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.backbone.clipvil.ClipVilBackbone;
import io.github.sherl4j.backbone.clipvil.ClipVilConfig;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.data.FeatureFolder;
import io.github.sherl4j.data.FeatureRows;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class AnswerQuestionsTest {
    private static final String QUESTIONS = """
        [{"question_id": 1, "img_id": "a", "sent": "what is this ?", "label": {"cat": 1, "dog": 0.3}},
         {"question_id": 2, "img_id": "b", "sent": "is there a cat here ?", "label": {"no": 1}},
         {"question_id": 3, "img_id": "b", "sent": "what ?", "label": {"dog": 0.6}}]\
        """;

    @TempDir
    Path folder;

    @Test
    void comparesAllMethodsOnEmoji() throws IOException {
        Path json = folder.resolve("results.json");
        Path saved = folder.resolve("adapter");
        Run run = Run.of(
                new AnswerQuestions(),
                "--questions=64",
                "--pretrain-epochs=1",
                "--epochs=1",
                "--batch=32",
                "--save=" + saved,
                "--json=" + json);
        assertThat(run.err()).contains("small network", "head", "sherl", "full");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("accuracy", "peak MB");
        assertThat(saved.resolve("adapter.safetensors")).exists();
        JsonNode results = new ObjectMapper().readTree(json.toFile()).path("results");
        assertThat(results.findValuesAsText("method")).containsExactly("head", "sherl", "full");
        for (JsonNode result : results) {
            assertThat(result.path("accuracy").asDouble()).isBetween(0.0, 1.0);
            assertThat(result.path("peak_mb").asDouble()).isPositive();
        }
    }

    @Test
    void takesACheckpointAndFeatureFiles() throws IOException {
        Path model = model(5);
        Path questions = Files.writeString(folder.resolve("questions.json"), QUESTIONS);
        FeatureFolder features = new FeatureFolder(Files.createDirectory(folder.resolve("features")));
        features.write("a", new FeatureRows(5, new float[10]));
        features.write("b", new FeatureRows(5, new float[15]));
        Run run = Run.of(
                new AnswerQuestions(),
                "--method=sherl",
                "--model=" + model,
                "--train=" + questions,
                "--test=" + questions,
                "--features=" + folder.resolve("features"),
                "--least=1",
                "--epochs=1",
                "--batch=2");
        assertThat(run.err()).contains("sherl");
        assertThat(run.code()).isZero();

        features.write("b", new FeatureRows(4, new float[4]));
        features.write("a", new FeatureRows(4, new float[4]));
        Run wrong = Run.of(
                new AnswerQuestions(),
                "--method=head",
                "--model=" + model,
                "--train=" + questions,
                "--test=" + questions,
                "--features=" + folder.resolve("features"),
                "--least=1");
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.err().strip())
                .isEqualTo("batch has features of width 4, but this network takes those of width 5");
    }

    @Test
    void takesPicturesAndAResNet() throws IOException {
        Path model = model(512);
        Path questions = Files.writeString(folder.resolve("questions.json"), QUESTIONS);
        Path pictures = Files.createDirectory(folder.resolve("pictures"));
        for (String name : List.of("a", "b")) {
            BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
            ImageIO.write(image, "png", pictures.resolve(name + ".png").toFile());
        }
        Path weights = folder.resolve("resnet.safetensors");
        try (ResNetBackbone network = ResNetBackbone.random(ResNetConfig.resNet18(), DataType.FLOAT, 1)) {
            network.save(weights);
        }
        Run run = Run.of(
                new AnswerQuestions(),
                "--method=head",
                "--model=" + model,
                "--train=" + questions,
                "--test=" + questions,
                "--pictures=" + pictures,
                "--image-model=" + weights,
                "--arch=resnet18",
                "--image-size=32",
                "--least=1",
                "--epochs=1",
                "--batch=3");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("head");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --epochs 0                    | --epochs must be at least 1, but is 0
        --batch 0                     | --batch must be at least 1, but is 0
        --questions 5                 | --questions must be at least 64, but is 5
        --rate -1                     | --rate must be positive, but is -1.0
        --max-length 2                | --max-length must be at least 3 tokens, but is 2
        --features x                  | --features needs --model
        --arch resnet18               | --arch needs --pictures
        --json none/a.json            | --json must be a file in a folder that exists, but is none/a.json
        --save pom.xml                | --save must be a folder, but pom.xml is a file
        --model x                     | --model needs --train and --test
        --model x --train a --test b  | --model needs either --features or --pictures
        """)
    void refusesOptions(String arguments, String message) {
        Run run = Run.of(new AnswerQuestions(), arguments.split(" "));
        assertThat(run.err().strip()).isEqualTo(message);
        assertThat(run.code()).isEqualTo(2);
    }

    /** A random joint transformer in the files of a real one. */
    private Path model(int visualWidth) throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        int vocabulary = WordTokenizer.write(
                model.resolve("tokenizer.json"),
                List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
                List.of("what", "is", "this", "?", "cat"));
        Files.writeString(model.resolve("config.json"), """
            {"vocab_size": %d, "max_position_embeddings": 16, "type_vocab_size": 2, "hidden_size": 8,
             "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12, "visual_feat_dim": %d}
            """.formatted(vocabulary, visualWidth));
        ClipVilConfig config = new ClipVilConfig(vocabulary, 16, 2, 8, 2, 2, 12, visualWidth, 1e-12);
        try (ClipVilBackbone network = ClipVilBackbone.random(config, null, DataType.FLOAT, 1)) {
            network.save(model.resolve("model.safetensors"));
        }
        return model;
    }
}
