package io.github.sherl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** A Hugging Face {@code tokenizer.json} of whole words, for small networks that are trained on the spot. */
final class WordTokenizer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private WordTokenizer() {}

    /**
     * Writes the file.
     *
     * @param special padding, unknown word, start and end of a text
     * @return the size of the vocabulary
     */
    static int write(Path file, List<String> special, List<String> words) throws IOException {
        List<String> vocabulary = new ArrayList<>(special);
        vocabulary.addAll(words);
        ObjectNode json = JSON.createObjectNode();
        json.put("version", "1.0");
        json.putNull("truncation").putNull("padding").putNull("decoder");
        for (int i = 0; i < special.size(); i++) {
            json.withArray("added_tokens")
                    .addObject()
                    .put("id", i)
                    .put("content", special.get(i))
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        json.putObject("normalizer").put("type", "Lowercase");
        json.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        String start = special.get(2);
        String end = special.get(3);
        json.set("post_processor", JSON.readTree("""
            {"type": "BertProcessing", "sep": ["%s", 3], "cls": ["%s", 2]}\
            """.formatted(end, start)));
        ObjectNode model = json.putObject("model");
        model.put("type", "WordLevel").put("unk_token", special.get(1));
        ObjectNode ids = model.putObject("vocab");
        for (int i = 0; i < vocabulary.size(); i++) {
            ids.put(vocabulary.get(i), i);
        }
        Files.write(file, JSON.writeValueAsBytes(json));
        return vocabulary.size();
    }
}
