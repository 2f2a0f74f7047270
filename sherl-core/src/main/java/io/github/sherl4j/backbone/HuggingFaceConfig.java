package io.github.sherl4j.backbone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * A Hugging Face {@code config.json}, or an object in it. Every complaint is an {@link IllegalArgumentException} that starts with
 * the file. Such files may leave out what is the default.
 */
public final class HuggingFaceConfig {
    private final String origin;
    private final JsonNode json;

    private HuggingFaceConfig(String origin, JsonNode json) {
        this.origin = origin;
        this.json = json;
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it is missing or cannot be read
     * @throws IllegalArgumentException if it is not JSON
     */
    public static HuggingFaceConfig read(Path file) throws IOException {
        try {
            return new HuggingFaceConfig(file.toString(), new ObjectMapper().readTree(Files.readAllBytes(file)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("%s is not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
        }
    }

    /** Whether it has a value under a key. */
    public boolean has(String key) {
        return json.hasNonNull(key);
    }

    /** The object under a key; an empty one if there is none, so that all defaults hold. */
    public HuggingFaceConfig section(String key) {
        return new HuggingFaceConfig(origin + ": " + key, json.path(key));
    }

    /**
     * The text under a key.
     *
     * @param allowed the values that can be read; the first is the default
     */
    public String oneOf(String key, String... allowed) {
        JsonNode node = json.path(key);
        String found = node.isMissingNode() || node.isNull() ? allowed[0] : node.asText();
        if (!Arrays.asList(allowed).contains(found)) {
            throw new IllegalArgumentException("%s has %s \"%s\", but this network is read only with %s"
                    .formatted(origin, key, found, quoted(List.of(allowed))));
        }
        return found;
    }

    /** Whether it has an object under a key. */
    public boolean hasSection(String key) {
        return json.path(key).isObject();
    }

    /** The integers under a key, which must be there. */
    public List<Integer> integers(String key) {
        JsonNode node = json.path(key);
        List<Integer> integers = new ArrayList<>();
        boolean right = node.isArray();
        for (JsonNode number : node) {
            right &= number.isInt();
            integers.add(number.intValue());
        }
        if (!right) {
            throw new IllegalArgumentException(
                    "%s must have a list \"%s\" of integers, but has %s".formatted(origin, key, node));
        }
        return integers;
    }

    /** The integer under a key, which must be there. */
    public int integer(String key) {
        JsonNode node = json.path(key);
        if (!node.isInt()) {
            throw new IllegalArgumentException(
                    "%s must have an integer \"%s\", but has %s".formatted(origin, key, node));
        }
        return node.intValue();
    }

    /** The integer under a key, or a default. */
    public int integer(String key, int byDefault) {
        return has(key) ? integer(key) : byDefault;
    }

    /** The number under a key, or a default. */
    public double number(String key, double byDefault) {
        JsonNode node = json.path(key);
        if (!node.isMissingNode() && !node.isNumber()) {
            throw new IllegalArgumentException("%s must have a number \"%s\", but has %s".formatted(origin, key, node));
        }
        return node.asDouble(byDefault);
    }

    /** What a function makes of the values; its complaints about them name the file. */
    public <T> T checked(Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            String message = Objects.toString(e.getMessage(), "");
            throw message.startsWith(origin) ? e : new IllegalArgumentException(origin + ": " + message, e);
        }
    }

    private static String quoted(List<String> values) {
        return "\"" + String.join("\" or \"", values) + "\"";
    }
}
