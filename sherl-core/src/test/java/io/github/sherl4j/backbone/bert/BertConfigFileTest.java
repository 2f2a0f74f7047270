package io.github.sherl4j.backbone.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BertConfigFileTest {
    static final String TINY = """
        {
          "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu",
          "position_embedding_type": "absolute", "vocab_size": 48, "max_position_embeddings": 12,
          "type_vocab_size": 2, "hidden_size": 4, "num_hidden_layers": 2, "num_attention_heads": 2,
          "intermediate_size": 6, "layer_norm_eps": 1e-05
        }
        """;

    @TempDir
    private Path folder;

    @Test
    void readsTheSizes() throws IOException {
        assertThat(BertConfigFile.read(write(TINY))).isEqualTo(TinyBert.config(2));
    }

    @Test
    void whatIsTheDefaultMayBeLeftOut() throws IOException {
        String json = TINY.replaceAll("\"(model_type|hidden_act|position_embedding_type)\": \"\\w+\",", "")
                .replace(", \"layer_norm_eps\": 1e-05", "");

        assertThat(json).doesNotContain("gelu", "absolute", "eps");
        assertThat(BertConfigFile.read(write(json))).isEqualTo(new BertConfig(48, 12, 2, 4, 2, 2, 6, 1e-12));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"bert\" | \"gpt2\" | has model_type \"gpt2\", but this network is read only with \"bert\" or"
                        + " \"roberta\" or \"distilbert\"",
                "\"gelu\" | \"gelu_new\" | has hidden_act \"gelu_new\", but this network is read only with \"gelu\"",
                "\"absolute\" | \"relative_key\" | has position_embedding_type \"relative_key\"",
                "\"vocab_size\" | \"vocabulary\" | must have an integer \"vocab_size\", but has ",
                "\"hidden_size\": 4 | \"hidden_size\": \"4\" | must have an integer \"hidden_size\", but has \"4\"",
                "\"hidden_size\": 4 | \"hidden_size\": 4.5 | must have an integer \"hidden_size\", but has 4.5",
                "\"num_hidden_layers\": 2 | \"num_hidden_layers\": null | an integer \"num_hidden_layers\", but has"
                        + " null",
                "\"vocab_size\": 48 | \"vocab_size\": 99999999999 | an integer \"vocab_size\", but has 99999999999",
                "\"type_vocab_size\": 2 | \"type_vocab_size\": -2 | : types must be positive, but is -2",
                "\"num_attention_heads\": 2 | \"num_attention_heads\": 3 | : heads must divide the width 4, but is 3",
                "1e-05 | \"small\" | must have a number \"layer_norm_eps\", but has \"small\"",
                "{ | [ | is not valid JSON"
            })
    void refusesOtherNetworksAndBrokenFiles(String part, String replacement, String message) throws IOException {
        assertThat(TINY).contains(part);
        Path file = write(TINY.replace(part, replacement));

        assertThatThrownBy(() -> BertConfigFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void aMissingFileIsAnIoFailure() {
        assertThatThrownBy(() -> BertConfigFile.read(folder.resolve("none.json")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("none.json");
    }

    @Test
    void anEmptyFileHasNoSizes() throws IOException {
        Path file = write("");
        assertThatThrownBy(() -> BertConfigFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must have an integer \"vocab_size\"");
    }

    private Path write(String json) throws IOException {
        return Files.writeString(folder.resolve("config.json"), json);
    }
}
