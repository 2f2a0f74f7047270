package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Pictures, texts, phrases and boxes as MDETR has them, COCO's format with captions:
 *
 * <pre>
 * {"images": [{"id": 1, "file_name": "a.jpg", "width": 640, "height": 480, "caption": "a dog beside a bus"}],
 *  "annotations": [{"image_id": 1, "bbox": [left, top, width, height], "tokens_positive": [[2, 5]]}]}
 * </pre>
 *
 * <p>Boxes are in pixels; {@code tokens_positive} are the characters of the caption that name what is in the box. Everything else is
 * left alone.
 */
public final class SceneFile {
    private SceneFile() {}

    /**
     * Reads a file.
     *
     * @throws IOException if it is missing or cannot be read
     * @throws IllegalArgumentException if it is malformed, a box is outside of its picture, or a phrase outside of its text
     */
    public static List<SceneExample> read(Path file) throws IOException {
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("%s is not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
        }
        Check.argument(
                json.path("images").isArray() && !json.path("images").isEmpty(),
                "%s must have a list \"images\" of pictures, but has none",
                file);
        Map<String, JsonNode> images = new LinkedHashMap<>();
        Map<String, List<SceneExample.Phrase>> phrases = new LinkedHashMap<>();
        for (JsonNode image : json.path("images")) {
            String id = image.path("id").asText();
            Check.argument(images.put(id, image) == null, "%s has the picture %s twice", file, id);
            phrases.put(id, new ArrayList<>());
        }
        for (JsonNode annotation : json.path("annotations")) {
            String id = annotation.path("image_id").asText();
            JsonNode image = images.get(id);
            Check.argument(image != null, "%s has a box in the picture %s, which it does not have", file, id);
            phrase(file, id, Objects.requireNonNull(image), annotation, Objects.requireNonNull(phrases.get(id)));
        }
        List<SceneExample> examples = new ArrayList<>();
        images.forEach((id, image) -> examples.add(located(
                "%s: picture %s".formatted(file, id),
                () -> new SceneExample(
                        image.path("file_name").asText(),
                        image.path("width").asInt(),
                        image.path("height").asInt(),
                        image.path("caption").asText(),
                        Objects.requireNonNull(phrases.get(id))))));
        return examples;
    }

    private static void phrase(
            Path file, String id, JsonNode image, JsonNode annotation, List<SceneExample.Phrase> phrases) {
        String place = "%s: picture %s: box %d".formatted(file, id, phrases.size() + 1);
        JsonNode numbers = annotation.path("bbox");
        boolean four = numbers.isArray() && numbers.size() == 4;
        for (JsonNode number : numbers) {
            four &= number.isNumber();
        }
        Check.argument(four, "%s must have four numbers as its \"bbox\", but has %s", place, numbers);
        phrases.add(located(place, () -> {
            List<SceneExample.Span> spans = new ArrayList<>();
            for (JsonNode span : annotation.path("tokens_positive")) {
                spans.add(new SceneExample.Span(
                        span.path(0).asInt(-1), span.path(1).asInt(-1)));
            }
            Box box = Box.ofPixels(
                    numbers.path(0).asDouble(),
                    numbers.path(1).asDouble(),
                    numbers.path(2).asDouble(),
                    numbers.path(3).asDouble(),
                    image.path("width").asDouble(),
                    image.path("height").asDouble());
            return new SceneExample.Phrase(spans, box);
        }));
    }

    private static <T> T located(String place, Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(place + ": " + e.getMessage(), e);
        }
    }
}
