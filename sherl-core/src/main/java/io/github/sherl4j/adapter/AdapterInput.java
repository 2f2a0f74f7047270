package io.github.sherl4j.adapter;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What an adapter consolidates. Nothing of it is modified.
 *
 * @param states the tapped states, each [batch, tokens, width] or [batch, height, width, channels]; the last one is the
 *     guide, unless there is a feature
 * @param feature [batch, width], the guide of an adapter that takes it from outside, such as CLIP's projected feature; null
 *     for any other
 * @param mask [batch, tokens], 1 for a token and 0 for padding, for an adapter that attends over tokens; null if there is no
 *     padding
 * @param baseTokens [batch] INT32, for the same adapter the index of each example's token that stands for the whole; null
 *     for the first one
 */
public record AdapterInput(
        List<INDArray> states,
        @Nullable INDArray feature,
        @Nullable INDArray mask,
        @Nullable INDArray baseTokens) {
    /** Copies the list. */
    public AdapterInput {
        states = List.copyOf(states);
    }

    /** Tapped states, the guide among them. */
    public static AdapterInput of(List<INDArray> states) {
        return new AdapterInput(states, null, null, null);
    }

    /** Tapped states that are all shallow, and a guide from outside. */
    public static AdapterInput of(List<INDArray> states, INDArray feature) {
        return new AdapterInput(states, feature, null, null);
    }

    /** The same with a mask of tokens. */
    public AdapterInput withMask(@Nullable INDArray newMask) {
        return new AdapterInput(states, feature, newMask, baseTokens);
    }

    /** The same with other base tokens. */
    public AdapterInput withBaseTokens(@Nullable INDArray newBaseTokens) {
        return new AdapterInput(states, feature, mask, newBaseTokens);
    }

    /** The feature, or the last state: what the result is added to. */
    INDArray anchor() {
        return feature != null ? feature : states.get(states.size() - 1);
    }
}
