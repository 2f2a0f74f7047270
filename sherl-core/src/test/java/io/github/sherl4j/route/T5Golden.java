package io.github.sherl4j.route;

import io.github.sherl4j.Golden;
import io.github.sherl4j.adapter.AdapterNames;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.t5.T5Backbone;
import io.github.sherl4j.backbone.t5.T5Config;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.data.SequenceData;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The reference implementation's small T5: sizes, texts and adapters by the file. */
final class T5Golden {
    private T5Golden() {}

    static T5Config config(Golden golden) {
        return new T5Config(
                golden.number("vocab"),
                golden.number("d_model"),
                golden.number("d_kv"),
                golden.number("heads"),
                golden.number("d_ff"),
                golden.number("layers"),
                golden.number("decoder_layers"),
                golden.number("buckets"),
                firstNumber(golden, "max_distance"),
                golden.real("layer_norm_eps"),
                golden.names().stream().anyMatch(name -> name.endsWith("wi_0.weight")),
                !golden.has("param.lm_head.weight"),
                512,
                0,
                1);
    }

    private static int firstNumber(Golden golden, String key) {
        Matcher matcher = Pattern.compile("\\d+").matcher(text(golden, key));
        if (!matcher.find()) {
            throw new IllegalStateException(key);
        }
        return Integer.parseInt(matcher.group());
    }

    private static String text(Golden golden, String key) {
        return Objects.requireNonNull(golden.metadata().get(key), key);
    }

    static SequenceBatch batch(Golden golden) {
        int batch = golden.number("batch");
        return SequenceData.of(
                        rows(golden, "input.input_ids", "input.attention_mask", batch),
                        rows(golden, "input.labels", null, batch),
                        0)
                .batch(IntStream.range(0, batch).toArray());
    }

    /** Rows without padding: where the mask is 0, or without a mask where labels are negative. */
    private static List<TokenizedText> rows(Golden golden, String name, @Nullable String mask, int batch) {
        int[] ids = golden.integers(name);
        int[] real = mask == null ? ids : golden.integers(mask);
        int tokens = ids.length / batch;
        List<TokenizedText> rows = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            int length = 0;
            while (length < tokens
                    && (mask == null ? real[i * tokens + length] >= 0 : real[i * tokens + length] != 0)) {
                length++;
            }
            rows.add(new TokenizedText(Arrays.copyOfRange(ids, i * tokens, i * tokens + length), new int[length]));
        }
        return rows;
    }

    static EncoderDecoderRoute<SequenceBatch> route(Golden golden, T5Backbone t5) {
        return new EncoderDecoderRoute<>(
                t5,
                side(golden, t5, "encoder.", t5.newEncoderNorm()),
                side(golden, t5, "decoder.", t5.newDecoderNorm()),
                1);
    }

    private static AdaptedSide side(Golden golden, T5Backbone t5, String side, Layer norm) {
        List<Integer> taps = new ArrayList<>(List.of(0));
        Matcher matcher = Pattern.compile("\\d+").matcher(text(golden, side.replace('.', '_') + "side_layers"));
        while (matcher.find()) {
            taps.add(Integer.parseInt(matcher.group()) + 1);
        }
        SherlAdapter adapter = new SherlAdapter(
                AdapterOptions.t5(golden.number("side_hidden")), taps.size(), t5.width(), t5.type(), 1);
        AdaptedSide adapted = new AdaptedSide(adapter, norm, taps);
        for (Parameter parameter : adapted.parameters()) {
            parameter.value().assign(golden.array("param." + reference(side, parameter)));
        }
        return adapted;
    }

    /** The reference's name of an adapter's parameter, or of the norm behind it. */
    static String reference(String side, Parameter parameter) {
        return parameter.name().startsWith("adapter.")
                ? side + "side_mtsa_block." + AdapterNames.reference(AdapterOptions.t5(1), parameter.name())
                : side + "final_side_layer_norm.weight";
    }
}
