package io.github.sherl4j.examples;

import java.util.List;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** The {@code tokenizer.json} of an uncased BERT whose words come as a list, as older checkpoints have them. */
final class WordPieceJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REST = """
        {"version": "1.0", "truncation": null, "padding": null,
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                        "strip_accents": null, "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                      {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
           "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
                    {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
           "special_tokens": {}},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true}}
        """;

    private WordPieceJson() {}

    /**
     * Makes the file.
     *
     * @param words in the order of their ids, with [PAD], [UNK], [CLS], [SEP] and [MASK] among them
     */
    static String of(List<String> words) {
        try {
            ObjectNode json = (ObjectNode) JSON.readTree(REST);
            ObjectNode model = json.putObject("model");
            model.put("type", "WordPiece");
            model.put("unk_token", "[UNK]");
            model.put("continuing_subword_prefix", "##");
            model.put("max_input_chars_per_word", 100);
            ObjectNode vocabulary = model.putObject("vocab");
            for (int id = 0; id < words.size(); id++) {
                vocabulary.put(words.get(id), id);
            }
            for (String special : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
                int id = words.indexOf(special);
                if (id < 0) {
                    throw new IllegalArgumentException("words must have " + special + ", but have not");
                }
                json.withArray("added_tokens")
                        .addObject()
                        .put("id", id)
                        .put("content", special)
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", true);
            }
            for (String special : List.of("[CLS]", "[SEP]")) {
                ObjectNode token = ((ObjectNode) json.path("post_processor").path("special_tokens")).putObject(special);
                token.put("id", special);
                token.putArray("ids").add(words.indexOf(special));
                token.putArray("tokens").add(special);
            }
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The constant part is no JSON", e);
        }
    }
}
