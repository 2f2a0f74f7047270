package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Gelu;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.tuning.HeadOnly;
import io.github.sherl4j.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * BERT's guess of the word that stands where a text has {@code [MASK]} (Devlin et al. 2019, section 3.1): {@code logits =
 * norm(gelu(transform(state))) words^T + bias}. That a real checkpoint guesses right shows that all of it was read right.
 */
final class MaskedWords implements AutoCloseable {
    private static final String HEAD = "cls.predictions.";
    private static final double NORM_EPS = 1e-12;

    private final BertBackbone bert;
    private final Linear transform;
    private final LayerNorm norm;
    private final Linear words;
    private final List<Parameter> own = new ArrayList<>();

    /**
     * Reads the head.
     *
     * @param bert stays open
     * @param weights with the head's tensors under Hugging Face's names; not closed
     */
    MaskedWords(BertBackbone bert, WeightSource weights) {
        this.bert = bert;
        this.transform =
                new Linear(read(weights, "transform.dense.weight", true), read(weights, "transform.dense.bias", false));
        this.norm = new LayerNorm(
                read(weights, "transform.LayerNorm.weight", false),
                read(weights, "transform.LayerNorm.bias", false),
                NORM_EPS);
        this.words = new Linear(bert.parameters().get(0), read(weights, "bias", false));
    }

    private Parameter read(WeightSource weights, String name, boolean matrix) {
        INDArray value = weights.read(HEAD + name, bert.type());
        Parameter parameter = matrix ? Parameter.weight(name, value) : Parameter.unregularized(name, value);
        own.add(parameter);
        return parameter;
    }

    /** The most likely words for the first masked one of a text, the likeliest first. */
    List<String> guesses(String text, int count) {
        TokenizedText tokens = bert.tokenizer().encode(text, null, bert.maxTokens());
        int mask = bert.tokenizer().encode("[MASK]", null, bert.maxTokens()).ids()[1];
        int place = IntStream.range(0, tokens.length())
                .filter(i -> tokens.ids()[i] == mask)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("text must have [MASK], but is \"" + text + "\""));
        double[] logits = logits(tokens, place);
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted((a, b) -> Double.compare(logits[b], logits[a]))
                .limit(count)
                .map(id -> bert.tokenizer().decode(new int[] {id}))
                .toList();
    }

    private double[] logits(TokenizedText tokens, int place) {
        try (TokenBatch batch = TokenBatch.of(List.of(tokens), new int[0]);
                Memory memory = new Memory(bert.type())) {
            Context context = bert.context(memory, batch, OptionalLong.empty());
            INDArray states = memory.step().array(bert.stateShape(batch));
            new HeadOnly<>(bert).infer(batch, context, states);
            INDArray state = memory.slices(memory.rows(states), place, place + 1L);
            INDArray hidden = memory.step().array(1, bert.width());
            INDArray logits = memory.step().array(1, bert.config().vocabulary());
            transform.infer(state, context, hidden);
            Gelu.apply(memory, hidden, hidden);
            norm.infer(hidden, context, hidden);
            words.infer(hidden, context, logits);
            return IntStream.range(0, bert.config().vocabulary())
                    .mapToDouble(logits::getDouble)
                    .toArray();
        }
    }

    @Override
    public void close() {
        own.forEach(Parameter::close);
    }
}
