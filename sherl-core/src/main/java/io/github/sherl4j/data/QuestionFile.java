package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Questions, as LXMERT and CLIP-ViL have those of VQA and GQA: a JSON array of objects
 *
 * <pre>
 * {"question_id": 262148000, "img_id": "COCO_val2014_000000262148", "sent": "Where is he looking?", "label": {"down": 1, "at table": 0.3}}
 * </pre>
 *
 * <p>Everything else in an object is left alone; {@code label} may be missing, as in tests without answers.
 */
public final class QuestionFile {
    private QuestionFile() {}

    /**
     * Reads questions.
     *
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if it is malformed
     */
    public static List<QuestionExample> read(Path file) throws IOException {
        JsonNode json = array(file);
        List<QuestionExample> examples = new ArrayList<>(json.size());
        for (JsonNode entry : json) {
            String place = "%s: question %d".formatted(file, examples.size() + 1);
            try {
                examples.add(new QuestionExample(
                        entry.path("question_id").asText(Integer.toString(examples.size() + 1)),
                        text(place, entry, "img_id"),
                        text(place, entry, "sent"),
                        answers(place, entry.path("label"))));
            } catch (IllegalArgumentException e) {
                String message = String.valueOf(e.getMessage());
                throw message.startsWith(place) ? e : new IllegalArgumentException(place + ": " + message, e);
            }
        }
        Check.argument(!examples.isEmpty(), "%s must have questions, but has none", file);
        return examples;
    }

    /**
     * Reads the answers that a network chooses from, a JSON array of texts in the order of their numbers.
     *
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if it is malformed
     */
    public static List<String> readAnswers(Path file) throws IOException {
        List<String> answers = new ArrayList<>();
        for (JsonNode answer : array(file)) {
            Check.argument(answer.isTextual(), "%s must be a list of texts, but has %s", file, answer);
            answers.add(answer.asText());
        }
        return answers;
    }

    /**
     * The answers of a data set, the most frequent first.
     *
     * @param least how often an answer must be there to count; 9 in VQA
     */
    public static List<String> answers(List<QuestionExample> examples, int least) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        examples.forEach(example ->
                example.answers().keySet().stream().sorted().forEach(answer -> counts.merge(answer, 1, Integer::sum)));
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= least)
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static JsonNode array(Path file) throws IOException {
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("%s is not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
        }
        Check.argument(json.isArray(), "%s must be a JSON array, but is %s", file, json.getNodeType());
        return json;
    }

    private static String text(String place, JsonNode entry, String key) {
        JsonNode value = entry.path(key);
        Check.argument(value.isTextual(), "%s must have a text \"%s\", but has %s", place, key, value);
        return value.asText();
    }

    private static Map<String, Double> answers(String place, JsonNode label) {
        Map<String, Double> answers = new LinkedHashMap<>();
        Check.argument(
                label.isMissingNode() || label.isObject(),
                "%s must have answers with scores as its \"label\", but has %s",
                place,
                label);
        label.fields().forEachRemaining(entry -> {
            Check.argument(
                    entry.getValue().isNumber(),
                    "%s must have a number for the answer \"%s\", but has %s",
                    place,
                    entry.getKey(),
                    entry.getValue());
            answers.put(entry.getKey(), entry.getValue().asDouble());
        });
        return answers;
    }
}
