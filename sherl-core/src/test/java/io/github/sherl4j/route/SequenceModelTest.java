package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.t5.T5Backbone;
import io.github.sherl4j.backbone.t5.T5Config;
import io.github.sherl4j.backbone.t5.TinyT5;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.data.SequenceData;
import io.github.sherl4j.data.SequenceExample;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.SequenceFullTuning;
import io.github.sherl4j.tuning.SequenceHeadOnly;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SequenceModelTest {
    private static final SequenceOptions OPTIONS = new SequenceOptions(12, 8);
    private static final EncoderDecoderConfig CONFIG =
            EncoderDecoderConfig.defaults().withReduction(2);

    enum Method {
        SHERL {
            @Override
            SequenceRoute route(T5Backbone t5) {
                return SherlSequenceRoute.of(t5, CONFIG);
            }
        },
        SHERL_WITH_TWO_LATE_BLOCKS {
            @Override
            SequenceRoute route(T5Backbone t5) {
                return SherlSequenceRoute.of(t5, CONFIG.withLateLayers(2).withTaps(List.of(0, 1), List.of(0, 1)));
            }
        },
        HEAD_ONLY {
            @Override
            SequenceRoute route(T5Backbone t5) {
                return new SequenceHeadOnly(t5);
            }
        },
        FULL {
            @Override
            SequenceRoute route(T5Backbone t5) {
                return new SequenceFullTuning(t5);
            }
        };

        abstract SequenceRoute route(T5Backbone t5);

        /** What the names of parameters that learn begin with. */
        Set<String> sides() {
            return switch (this) {
                case SHERL, SHERL_WITH_TWO_LATE_BLOCKS -> Set.of("decoder", "encoder");
                case HEAD_ONLY -> Set.of("output");
                case FULL -> Set.of("decoder", "encoder", "shared", "lm_head");
            };
        }

        SequenceModel model(T5Backbone t5) {
            SequenceModel model = new SequenceModel(t5, route(t5), OPTIONS);
            redraw(model);
            return model;
        }

        /** Gates start closed, and adapters so small that nothing of them would be seen. */
        private void redraw(SequenceModel model) {
            if (this == SHERL || this == SHERL_WITH_TWO_LATE_BLOCKS) {
                int seed = 40;
                for (Parameter parameter : model.parameters().parameters()) {
                    int length = (int) parameter.value().length();
                    double factor = parameter.name().endsWith("gate") ? 0.1 : 0.7;
                    TestArrays.set(
                            parameter.value(), TestArrays.each(TestArrays.normal(length, seed++), x -> factor * x));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SHERL, 1, 2, false",
        "SHERL, 1, 2, true",
        "SHERL_WITH_TWO_LATE_BLOCKS, 1, 3, false",
        "HEAD_ONLY, 1, 1, false",
        "FULL, 2, 1, false",
        "FULL, 1, 2, true"
    })
    void everyGradientIsThatOfCentralDifferences(Method method, int layers, int decoderLayers, boolean gated) {
        check(method, TinyT5.config(layers, decoderLayers, gated));
    }

    private static void check(Method method, T5Config config) {
        try (T5Backbone t5 = TinyT5.of(DataType.DOUBLE, config, null);
                SequenceModel model = method.model(t5);
                SequenceBatch batch = TinyT5.batch()) {
            double loss = model.accumulate(batch, 0.7, 0);
            List<Parameter> parameters = model.parameters().parameters();
            List<double[]> gradients =
                    parameters.stream().map(p -> numbers(p.gradient())).toList();
            assertThat(loss).isPositive();
            assertThat(sidesThatLearn(model))
                    .isSubsetOf(method.sides())
                    .containsAll(method == Method.FULL ? Set.of("decoder", "encoder", "shared") : method.sides());
            for (int i = 0; i < parameters.size(); i++) {
                Parameter parameter = parameters.get(i);
                INDArray gradient = TestArrays.of(
                        DataType.DOUBLE,
                        TestArrays.each(gradients.get(i), x -> x / 0.7),
                        parameter.value().shape());
                CentralDifferences.check(
                        parameter.name(), parameter.value(), gradient, () -> model.accumulate(batch, 0, 0));
            }
        }
    }

    /** Sides that any gradient reaches but that of their last norm. */
    private static Set<String> sidesThatLearn(SequenceModel model) {
        Set<String> sides = new TreeSet<>();
        model.parameters().named().forEach((name, parameter) -> {
            if (Arrays.stream(numbers(parameter.gradient())).anyMatch(x -> x != 0) && !name.contains("norm")) {
                sides.add(name.substring(0, name.indexOf('.')));
            }
        });
        return sides;
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void theFrozenNetworkStaysAsItIsToTheLastBit(Method method) {
        try (T5Backbone t5 = TinyT5.of(DataType.FLOAT, 2, 3)) {
            List<double[]> before = weights(t5);
            try (SequenceModel model = method.model(t5)) {
                SequenceData data = SequenceData.of(TinyT5.sources(), TinyT5.targets(), 0);
                List<double[]> learned = learned(model);
                new Trainer(TrainConfig.defaults().withEpochs(5).withBatchSize(2)).fit(model, data, null);
                assertThat(learned(model)).usingRecursiveComparison().isNotEqualTo(learned);
                boolean frozen = method != Method.FULL;
                for (int i = 0; frozen && i < before.size(); i++) {
                    assertThat(t5.parameters().get(i).trainable()).isFalse();
                    assertThat(weights(t5).get(i)).isEqualTo(before.get(i));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void decodingTokenByTokenEqualsComputingAllAgain(Method method) {
        for (boolean gated : new boolean[] {false, true}) {
            try (T5Backbone t5 = TinyT5.of(DataType.DOUBLE, TinyT5.config(2, 3, gated), null);
                    Memory kept = new Memory(DataType.DOUBLE);
                    Memory working = new Memory(DataType.DOUBLE);
                    Memory again = new Memory(DataType.DOUBLE)) {
                SequenceRoute route = method.route(t5);
                SequenceModel model = new SequenceModel(t5, route, OPTIONS);
                method.redraw(model);
                List<TokenizedText> sources = TinyT5.sources();
                List<TokenizedText> targets =
                        List.of(TinyT5.text(8, 2, 5, 9, 1), TinyT5.text(3, 3, 10, 5, 1), TinyT5.text(7, 9, 4, 4, 1));
                try (SequenceBatch batch = SequenceData.of(sources, targets, 0).batch(new int[] {0, 1, 2})) {
                    Context context = t5.encoder().context(again, batch, OptionalLong.empty());
                    INDArray all = TestArrays.blank(DataType.DOUBLE, route.resultShape(batch));
                    route.infer(batch, context, all);

                    Context first = t5.encoder().context(kept, batch, OptionalLong.empty());
                    Decoding decoding = route.decoding(batch, first, 5);
                    for (int t = 0; t < 5; t++) {
                        working.reset();
                        int[] last = new int[3];
                        for (int i = 0; i < 3; i++) {
                            last[i] = batch.decoderIds().getInt(i, t);
                        }
                        INDArray next = working.step().array(3, 1, t5.width());
                        decoding.next(Nd4j.createFromArray(last), working, next);
                        for (int i = 0; i < 3; i++) {
                            for (int w = 0; w < t5.width(); w++) {
                                assertThat(next.getDouble(i, 0, w)).isCloseTo(all.getDouble(i, t, w), within(1e-12));
                            }
                        }
                    }
                }
                model.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void generatesWhatTheLargestLogitsSay(Method method) {
        try (T5Backbone t5 = TinyT5.of(DataType.DOUBLE, 2, 3);
                SequenceModel model = method.model(t5)) {
            List<int[]> generated = model.generate(TinyT5.sources());
            for (int i = 0; i < generated.size(); i++) {
                assertThat(generated.get(i))
                        .isEqualTo(uncached(model, TinyT5.sources().get(i)));
            }
            assertThat(model.generate(List.of(TinyT5.sources().get(1))).get(0))
                    .as("alone as among others")
                    .isEqualTo(generated.get(1));
        }
    }

    /** The loss of a one-token continuation is least for the token with the largest logit. */
    private static int[] uncached(SequenceModel model, TokenizedText source) {
        List<Integer> sofar = new ArrayList<>();
        while (sofar.size() < OPTIONS.maxTargetTokens()) {
            int best = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int id = 0; id < TinyT5.VOCABULARY; id++) {
                int[] target = Stream.concat(sofar.stream(), Stream.of(id))
                        .mapToInt(Integer::intValue)
                        .toArray();
                try (SequenceBatch batch = SequenceData.of(List.of(source), List.of(TinyT5.text(target)), 0)
                        .batch(new int[] {0})) {
                    double loss = model.accumulate(batch, 0, 0);
                    if (loss < least) {
                        least = loss;
                        best = id;
                    }
                }
            }
            if (best == 1) {
                break;
            }
            sofar.add(best);
        }
        return sofar.stream().mapToInt(Integer::intValue).toArray();
    }

    @TempDir
    private Path folder;

    @Test
    void savesAndLoadsToTheSameBits() throws IOException {
        try (T5Backbone t5 = TinyT5.of(DataType.FLOAT, TinyT5.config(2, 3, false), TinyT5.tokenizer());
                SherlSequenceModel model = SherlSequenceModel.of(
                        t5, CONFIG.withTaps(List.of(0, 2), List.of(0, 1, 2)).withSeed(4), OPTIONS)) {
            Method.SHERL.redraw(model);
            model.save(folder);
            assertThat(folder.resolve("adapter.json")).content().contains("\"encoder-decoder\"", t5.fingerprint());
            try (SherlSequenceModel loaded = SherlSequenceModel.load(t5, folder)) {
                assertThat(loaded.config()).isEqualTo(model.config().withSeed(0));
                assertThat(loaded.options()).isEqualTo(OPTIONS);
                assertThat(learned(loaded)).usingRecursiveComparison().isEqualTo(learned(model));
                List<String> texts = List.of("abcd", "fed ab", "a");
                assertThat(loaded.predict(texts)).isEqualTo(model.predict(texts));
            }
        }
    }

    @Test
    void refusesAnAdapterOfAnotherNetworkOrKind() throws IOException {
        try (T5Backbone t5 = TinyT5.of(DataType.FLOAT, 2, 3);
                T5Backbone other = T5Backbone.random(t5.config(), null, DataType.FLOAT, 4);
                SherlSequenceModel model = SherlSequenceModel.of(t5, CONFIG, OPTIONS)) {
            model.save(folder);
            assertThatThrownBy(() -> SherlSequenceModel.load(other, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was trained on the backbone with fingerprint " + t5.fingerprint());
        }
    }

    @Test
    void aTextModelTrainsOnTextsAndPredictsThem() throws IOException {
        try (T5Backbone t5 = TinyT5.of(DataType.FLOAT, TinyT5.config(2, 2, false), TinyT5.tokenizer());
                SequenceModel model = SequenceFullTuning.model(t5, OPTIONS)) {
            List<SequenceExample> examples = List.of(
                    new SequenceExample("abcd", "cd"),
                    new SequenceExample("cdab", "f"),
                    new SequenceExample("f", "ab"));
            new Trainer(TrainConfig.defaults().withEpochs(150).withPeakRate(0.01))
                    .fit(model, model.tokenize(examples), null);
            assertThat(model.predict(List.of("abcd", "cdab", "f"))).containsExactly("cd", "f", "ab");
            assertThat(model.exactMatches(examples)).isEqualTo(1);
            assertThat(model.exactMatches(List.of(examples.get(0), new SequenceExample("f", "e"))))
                    .isEqualTo(0.5);
        }
    }

    @Test
    void complainsInOneSentence() throws IOException {
        try (T5Backbone t5 = TinyT5.of(DataType.FLOAT, TinyT5.config(2, 3, false), TinyT5.tokenizer());
                SequenceModel model = SherlSequenceModel.of(t5, CONFIG, OPTIONS)) {
            fails(() -> new SequenceExample("a", " "), "target is blank: expected at least one visible character");
            fails(() -> model.tokenize(List.of()), "examples must not be empty");
            fails(
                    () -> model.tokenize(List.of(new SequenceExample("a", "b"), new SequenceExample("a", "bbbbbbbbb"))),
                    "examples[1] has a target of 11 tokens, but at most 8 are allowed");
            fails(
                    () -> SherlSequenceModel.of(t5, CONFIG, new SequenceOptions(12, 13)),
                    "maxTargetTokens must be at most 12, the longest that this network's decoder takes, but is 13");
            fails(
                    () -> SherlSequenceModel.of(t5, CONFIG, new SequenceOptions(13, 12)),
                    "maxSourceTokens must be at most 12, the longest that this network's encoder takes, but is 13");
            fails(() -> new SequenceOptions(12, 1), "maxTargetTokens must be more than 1, but is 1");
            int[] tooLong = new int[13];
            Arrays.fill(tooLong, 4);
            fails(
                    () -> accumulate(model, TinyT5.text(4, 1), TinyT5.text(tooLong)),
                    "batch has a target of 13 tokens, but this network's decoder takes at most 12");
            fails(
                    () -> accumulate(model, TinyT5.text(tooLong), TinyT5.text(4, 1)),
                    "batch has a text of 13 tokens, but this network's encoder takes at most 12");
            fails(
                    () -> accumulate(model, TinyT5.text(4, 1), TinyT5.text(12, 1)),
                    "batch has a target with the token id 12, but this network's vocabulary has 12 entries");
            fails(
                    () -> SherlSequenceRoute.of(t5, CONFIG.withTaps(List.of(0, 1), List.of(0, 3))),
                    "taps must be indices of states from 0 to 2 with 1 late layers of 3, but one is 3");
            fails(() -> CONFIG.withLateLayers(0), "lateLayers must be at least 1, but is 0");
            fails(
                    () -> SherlSequenceRoute.of(t5, CONFIG.withPreset(AdapterPreset.CLIP_VIDEO)),
                    "adapter must take its guide from the tapped states, but takes it from outside");
            fails(() -> model.predict(List.of("")), "text is blank: expected at least one visible character");
        }
    }

    private static void accumulate(SequenceModel model, TokenizedText source, TokenizedText target) {
        try (SequenceBatch batch =
                SequenceData.of(List.of(source), List.of(target), 0).batch(new int[] {0})) {
            model.accumulate(batch, 1, 0);
        }
    }

    private static void fails(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    private static List<double[]> weights(T5Backbone t5) {
        return t5.parameters().stream().map(p -> numbers(p.value())).toList();
    }

    private static List<double[]> learned(SequenceModel model) {
        return model.parameters().parameters().stream()
                .map(p -> numbers(p.value()))
                .toList();
    }
}
