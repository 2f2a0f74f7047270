package io.github.sherl4j.examples;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * A {@code tokenizer.json} for a small CLIP: a token for each word of some texts, between CLIP's tokens for the start and the
 * end of a text, of which the latter has the largest id.
 *
 * @param json the file's content
 * @param vocabulary number of tokens
 */
record ClipWords(String json, int vocabulary) {
    private static final String UNKNOWN = "<unk>";
    private static final String START = "<|startoftext|>";
    private static final String END = "<|endoftext|>";

    /** As the file's pre-tokenizer cuts: runs of letters and digits, or of other visible characters. */
    private static final Pattern WORD = Pattern.compile("\\w+|[^\\w\\s]+", Pattern.UNICODE_CHARACTER_CLASS);

    static ClipWords of(List<String> texts) throws JsonProcessingException {
        Set<String> words = new TreeSet<>();
        for (String text : texts) {
            Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
            while (matcher.find()) {
                words.add(matcher.group());
            }
        }
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = mapper.createObjectNode();
        int start = words.size() + 1;
        int end = start + 1;
        json.put("version", "1.0");
        json.putArray("added_tokens").add(special(mapper, START, start)).add(special(mapper, END, end));
        json.putObject("normalizer").put("type", "Lowercase");
        json.putObject("pre_tokenizer").put("type", "Whitespace");
        ObjectNode processor = json.putObject("post_processor");
        processor.put("type", "RobertaProcessing");
        processor.putArray("sep").add(END).add(end);
        processor.putArray("cls").add(START).add(start);
        processor.put("trim_offsets", false).put("add_prefix_space", false);
        ObjectNode model = json.putObject("model");
        model.put("type", "WordLevel").put("unk_token", UNKNOWN);
        ObjectNode vocabulary = model.putObject("vocab").put(UNKNOWN, 0);
        words.forEach(word -> vocabulary.put(word, vocabulary.size()));
        vocabulary.put(START, start).put(END, end);
        return new ClipWords(mapper.writeValueAsString(json), end + 1);
    }

    private static ObjectNode special(ObjectMapper mapper, String content, int id) {
        return mapper.createObjectNode()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }
}
