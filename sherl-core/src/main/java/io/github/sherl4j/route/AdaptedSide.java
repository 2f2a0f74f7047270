package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Check;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What SHERL adds to one side of an encoder-decoder: an adapter, and a norm, new too, that stands where the network's own last
 * norm of that side stood.
 *
 * @param adapter takes its guide from the tapped states, the last one
 * @param norm keeps the shape
 * @param taps indices of the tapped states, ascending
 */
public record AdaptedSide(SherlAdapter adapter, Layer norm, List<Integer> taps) {
    /** Checks the adapter and copies the taps. */
    public AdaptedSide {
        taps = List.copyOf(taps);
        Check.argument(
                adapter.taps() == taps.size(),
                "adapter must be made for %s tapped states, but is made for %s",
                taps.size(),
                adapter.taps());
        Check.argument(
                !adapter.options().guideFromOutside(),
                "adapter must take its guide from the tapped states, but takes it from outside");
    }

    /** What the adapter and the norm behind it keep. */
    public record Kept(SherlAdapter.Kept adapter, LayerStep norm) implements Step {
        void backward(INDArray gradOutput) {
            adapter.backward(norm.backward(gradOutput));
        }
    }

    /** {@code result = norm(adapter(states))}, nothing kept. */
    void infer(List<INDArray> states, Context context, INDArray result) {
        adapter.infer(AdapterInput.of(states), context, result);
        norm.infer(result, context, result);
    }

    /**
     * The same, with what the backward pass needs kept.
     *
     * @param adapted in the shape of the result: the adapter's result, for whoever wants to see it
     */
    Kept forward(List<INDArray> states, Context context, INDArray adapted, INDArray result) {
        SherlAdapter.Kept kept = adapter.forward(AdapterInput.of(states), context, adapted);
        return new Kept(kept, norm.forward(adapted, context, result));
    }

    List<Parameter> parameters() {
        return Stream.concat(adapter.parameters().stream(), norm.parameters().stream())
                .toList();
    }
}
