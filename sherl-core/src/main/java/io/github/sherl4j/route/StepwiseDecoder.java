package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.backbone.SequenceNetwork;
import io.github.sherl4j.layer.BranchLayer;
import io.github.sherl4j.layer.BranchLayer.Stepwise;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Source;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A decoder token by token. Each block keeps the keys and values of earlier tokens, and those of the source that it reads. An
 * adapter needs nothing of other tokens, so it stands in the middle as it does in training.
 */
public final class StepwiseDecoder implements Decoding {
    private final SequenceNetwork network;
    private final List<Stepwise> early;
    private final @Nullable AdaptedSide side;
    private final List<Stepwise> late;
    private final Layer norm;
    private long position;

    private StepwiseDecoder(
            SequenceNetwork network,
            List<Stepwise> early,
            @Nullable AdaptedSide side,
            List<Stepwise> late,
            Layer norm) {
        this.network = network;
        this.early = early;
        this.side = side;
        this.late = late;
        this.norm = norm;
    }

    /** How sequences will grow: what they read, how many there are, and how long they may become. */
    record Growth(Context context, long batch, long maxTokens) {
        List<Stepwise> start(List<BranchLayer> blocks, Source source) {
            Arena lifetime = context.memory().step();
            Context reading = context.withSource(source);
            return blocks.stream()
                    .map(block -> block.stepwise(lifetime, reading, batch, maxTokens))
                    .toList();
        }
    }

    /**
     * The network's own decoder.
     *
     * @param context whose memory holds what is kept
     * @param source what all blocks read
     * @param norm behind the last block
     */
    public static Decoding plain(SequenceNetwork network, Context context, Source source, Layer norm, long maxTokens) {
        Growth growth = new Growth(context, source.states().size(0), maxTokens);
        List<Stepwise> blocks = growth.start(network.decoderBlocks(), source);
        return new StepwiseDecoder(network, blocks, null, List.of(), norm);
    }

    /** The decoder with SHERL's adapter and norm. */
    static Decoding adapted(
            SequenceNetwork network,
            Context context,
            EncoderDecoderRoute.Memories memories,
            EncoderDecoderRoute<?> route,
            long maxTokens) {
        Growth growth = new Growth(context, memories.plain().states().size(0), maxTokens);
        AdaptedSide side = route.decoderSide();
        List<BranchLayer> blocks = network.decoderBlocks();
        int guide = side.taps().get(side.taps().size() - 1);
        List<BranchLayer> late = blocks.subList(blocks.size() - route.lateLayers(), blocks.size());
        return new StepwiseDecoder(
                network,
                growth.start(blocks.subList(0, guide), memories.plain()),
                side,
                growth.start(late, memories.adapted()),
                side.norm());
    }

    @Override
    public void next(INDArray ids, Memory memory, INDArray result) {
        Context now = network.nextContext(memory, position++);
        Arena scratch = memory.scratch();
        try (Arena.Scope scope = scratch.scope()) {
            List<INDArray> states = new ArrayList<>();
            INDArray state = scratch.array(result.shape());
            network.embedNext(ids, memory, state);
            states.add(state);
            for (Stepwise block : early) {
                state = advance(block, state, now);
                states.add(state);
            }
            if (side != null) {
                INDArray adapted = scratch.array(result.shape());
                AdapterInput input =
                        AdapterInput.of(side.taps().stream().map(states::get).toList());
                side.adapter().infer(input, now, adapted);
                state = adapted;
            }
            for (Stepwise block : late) {
                state = advance(block, state, now);
            }
            norm.infer(state, now, result);
        }
    }

    private static INDArray advance(Stepwise block, INDArray state, Context now) {
        INDArray next = now.memory().scratch().array(state.shape());
        block.next(state, now, next);
        return next;
    }
}
