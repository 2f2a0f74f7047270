package io.github.sherl4j.adapter;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Whether an input fits an adapter. */
final class InputChecks {
    private InputChecks() {}

    static void check(AdapterOptions options, List<Long> stateWidths, long resultWidth, AdapterInput input) {
        List<INDArray> states = input.states();
        Check.argument(
                states.size() == stateWidths.size(),
                "states must be %s, one per tap, but are %s",
                stateWidths.size(),
                states.size());
        for (int i = 0; i < states.size(); i++) {
            Check.width("state " + i, states.get(i), stateWidths.get(i));
        }
        switch (options.reduction()) {
            case LINEAR_NORM, GATED -> tokens(states);
            case POOLED -> pictures(states);
            case SPATIAL -> {
                tokens(states);
                Check.argument(
                        states.get(0).rank() == 3,
                        "states must be [batch, tokens, width], but have shape %s",
                        Arrays.toString(states.get(0).shape()));
                aroundTokens(states.get(0), resultWidth, input);
                return;
            }
        }
        Check.argument(
                input.feature() == null && input.mask() == null && input.baseTokens() == null,
                "feature, mask and baseTokens must be null with the reduction %s",
                options.reduction());
    }

    private static void tokens(List<INDArray> states) {
        long[] guide = states.get(states.size() - 1).shape();
        for (int i = 0; i < states.size(); i++) {
            long[] expected = guide.clone();
            expected[expected.length - 1] = Check.ANY;
            Check.shape("state " + i, states.get(i), expected);
        }
    }

    private static void pictures(List<INDArray> states) {
        INDArray guide = states.get(states.size() - 1);
        for (int i = 0; i < states.size(); i++) {
            INDArray state = states.get(i);
            Check.argument(
                    state.rank() == 4,
                    "state %s must be [batch, height, width, channels], but has shape %s",
                    i,
                    Arrays.toString(state.shape()));
            long factor = state.size(1) / guide.size(1);
            Check.argument(
                    state.size(0) == guide.size(0)
                            && factor > 0
                            && state.size(1) == factor * guide.size(1)
                            && state.size(2) == factor * guide.size(2),
                    "state %s must have a whole multiple of the pixels of the guide %s each way, but has shape %s",
                    i,
                    Arrays.toString(guide.shape()),
                    Arrays.toString(state.shape()));
        }
    }

    private static void aroundTokens(INDArray state, long resultWidth, AdapterInput input) {
        Check.argument(
                input.feature() != null,
                "feature must be given, since this adapter takes its guide from outside, but is null");
        long batch = state.size(0);
        Check.shape("feature", input.anchor(), batch, resultWidth);
        if (input.mask() != null) {
            Check.shape("mask", input.mask(), batch, state.size(1));
        }
        if (input.baseTokens() != null) {
            Check.shape("baseTokens", input.baseTokens(), batch);
        }
    }
}
