package io.github.sherl4j.backbone.bert;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Parameter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/** Very small networks with weights that make every part count, a tokenizer of 48 entries, and batches. */
public final class TinyBert {
    public static final int WIDTH = 4;

    private TinyBert() {}

    public static BertConfig config(int layers) {
        return new BertConfig(48, 12, 2, WIDTH, layers, 2, 6, 1e-5);
    }

    public static BertBackbone of(DataType type, int layers) {
        return of(config(layers), null, type);
    }

    public static BertBackbone of(BertConfig config, @Nullable TextTokenizer tokenizer, DataType type) {
        BertBackbone bert = BertBackbone.random(config, tokenizer, type, 1);
        int draw = 0;
        for (Parameter parameter : bert.parameters()) {
            double[] numbers = TestArrays.normal((int) parameter.value().length(), ++draw);
            boolean scale = parameter.name().endsWith("LayerNorm.weight");
            TestArrays.set(parameter.value(), TestArrays.each(numbers, x -> scale ? 1 + 0.3 * x : 0.7 * x));
        }
        return bert;
    }

    public static TextTokenizer tokenizer() {
        String resource = "/io/github/sherl4j/data/tiny-tokenizer.json";
        try (InputStream json = Objects.requireNonNull(TinyBert.class.getResourceAsStream(resource))) {
            return TextTokenizer.load(json, resource);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A text and a pair of texts of different lengths; ids repeat within and across them. */
    public static TokenBatch batch(int... labels) {
        return TokenBatch.of(List.of(text(2, 5, 6, 5, 3), pair()), labels);
    }

    public static TokenizedText pair() {
        return new TokenizedText(new int[] {2, 6, 3, 5, 9, 9, 3}, new int[] {0, 0, 0, 1, 1, 1, 1});
    }

    public static TokenizedText text(int... ids) {
        return new TokenizedText(ids, new int[ids.length]);
    }

    /** A text of so many tokens. */
    public static TokenizedText random(int length, long seed) {
        double[] draws = TestArrays.normal(length, seed);
        return text(IntStream.range(0, length)
                .map(i -> Math.floorMod((int) (draws[i] * 1000), 48))
                .toArray());
    }
}
