package io.github.sherl4j.weights;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.core.JsonFactory;
import org.nd4j.shade.jackson.core.JsonFactoryBuilder;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.JsonToken;
import org.nd4j.shade.jackson.core.StreamReadFeature;

/**
 * The JSON of a safetensors header, each entry checked by itself. It is read token by token and nothing in it is skipped,
 * so that a hostile header costs no more than its own length.
 */
final class SafeTensorsHeaderJson {

    /** ND4J's own limit. */
    private static final int MAX_RANK = 32;

    private static final int MAX_DIGITS = 19;

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final String origin;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<SafeTensorsHeader.Entry> entries = new ArrayList<>();

    SafeTensorsHeaderJson(String origin, String text) {
        this.origin = origin;
        try (JsonParser json = JSON.createParser(text)) {
            require(json.nextToken() == JsonToken.START_OBJECT, "the header is no JSON object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.getCurrentName();
                if (name.equals(SafeTensorsHeader.METADATA)) {
                    readMetadata(json);
                } else {
                    entries.add(readEntry(json, name));
                }
            }
            require(json.nextToken() == null, "something follows the header's JSON object");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(origin + ": the header is no valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(origin + ": the header is no valid JSON", e);
        }
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** The tensors in the order of the header. */
    List<SafeTensorsHeader.Entry> entries() {
        return entries;
    }

    private void readMetadata(JsonParser json) throws IOException {
        require(json.nextToken() == JsonToken.START_OBJECT, "__metadata__ is no JSON object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.getCurrentName();
            require(
                    json.nextToken() == JsonToken.VALUE_STRING,
                    "__metadata__: the value of '" + key + "' is no string");
            metadata.put(key, json.getText());
        }
    }

    private SafeTensorsHeader.Entry readEntry(JsonParser json, String name) throws IOException {
        String tensor = "tensor '" + name + "': ";
        require(json.nextToken() == JsonToken.START_OBJECT, tensor + "its entry is no JSON object");
        @Nullable String dtype = null;
        long @Nullable [] shape = null;
        long @Nullable [] offsets = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.getCurrentName();
            switch (key) {
                case "dtype" -> {
                    require(json.nextToken() == JsonToken.VALUE_STRING, tensor + "dtype is no string");
                    dtype = json.getText();
                }
                case "shape" -> shape = readNumbers(json, tensor + "shape", MAX_RANK);
                case "data_offsets" -> offsets = readNumbers(json, tensor + "data_offsets", 2);
                default -> throw bad(tensor + "unknown key '" + key + "', expected dtype, shape and data_offsets");
            }
        }
        if (dtype == null || shape == null || offsets == null) {
            String lacking = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
            throw bad(tensor + lacking + " is missing");
        }
        @Nullable SafeTensorsType type = SafeTensorsType.named(dtype);
        if (type == null) {
            throw bad(tensor + "has dtype " + dtype + ", known are " + SafeTensorsType.known());
        }
        requireSize(tensor, type, shape, offsets);
        return new SafeTensorsHeader.Entry(name, type, shape, offsets[0], offsets[1]);
    }

    private long[] readNumbers(JsonParser json, String what, int limit) throws IOException {
        require(json.nextToken() == JsonToken.START_ARRAY, what + " is no array");
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            require(
                    json.currentToken() == JsonToken.VALUE_NUMBER_INT,
                    what + " holds something that is no whole number");
            require(numbers.size() < limit, what + " has more than " + limit + " numbers");
            require(
                    json.getTextLength() <= MAX_DIGITS && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER,
                    what + " holds a number that is too large");
            long number = json.getLongValue();
            require(number >= 0, what + " holds the negative number " + number);
            numbers.add(number);
        }
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    private void requireSize(String tensor, SafeTensorsType type, long[] shape, long[] offsets) {
        require(offsets.length == 2, tensor + "data_offsets should be two numbers, has " + offsets.length);
        long begin = offsets[0];
        long end = offsets[1];
        require(begin <= end, tensor + "data_offsets begin at " + begin + " and end at " + end + ", before that");
        long expected = type.width();
        try {
            for (long dimension : shape) {
                expected = Math.multiplyExact(expected, dimension);
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(origin + ": " + tensor + "its shape is too large to count its bytes", e);
        }
        if (expected != end - begin) {
            throw bad("%sshape %s of %s takes %d bytes, its data_offsets give it %d"
                    .formatted(tensor, Arrays.toString(shape), type, expected, end - begin));
        }
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw bad(otherwise);
        }
    }

    private IllegalArgumentException bad(String what) {
        return new IllegalArgumentException(origin + ": " + what);
    }
}
