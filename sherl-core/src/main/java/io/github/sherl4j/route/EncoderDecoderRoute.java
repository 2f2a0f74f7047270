package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.EncoderDecoder;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.PassingStates;
import io.github.sherl4j.layer.Source;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SHERL through a frozen encoder-decoder. The early route is the whole encoder and all but the last blocks of the decoder, in
 * inference: those blocks read the encoder's plain memory. Each side's adapter consolidates its tapped states. The late route is
 * the decoder's last blocks: the decoder's adapted state enters them, and they read the encoder's adapted memory, so gradients
 * reach the decoder's adapter through the blocks and the encoder's through their cross-attention.
 *
 * <p>The context that the route is given is the encoder's.
 *
 * @param <B> a batch of the network's inputs
 */
public final class EncoderDecoderRoute<B> implements Route<B> {
    private static final long ENCODER_USE = 7;
    private static final long DECODER_USE = 8;

    private final EncoderDecoder<B> network;
    private final AdaptedSide encoderSide;
    private final AdaptedSide decoderSide;
    private final EarlyRoute<B> encoderEarly;
    private final EarlyRoute<B> decoderEarly;
    private final List<Layer> late;

    /**
     * A route.
     *
     * @param network shared; stays open and unchanged
     * @param encoderSide adapter and norm of the memory that the late blocks read
     * @param decoderSide adapter, and the norm behind the last block
     * @param lateLayers number of the decoder's late blocks, from 1 to all
     */
    public EncoderDecoderRoute(
            EncoderDecoder<B> network, AdaptedSide encoderSide, AdaptedSide decoderSide, int lateLayers) {
        int encoderBlocks = network.encoder().blocks().size();
        int decoderBlocks = network.decoder().blocks().size();
        Check.argument(lateLayers >= 1, "lateLayers must be at least 1, but is %s", lateLayers);
        SherlRoute.checkTaps(encoderSide.taps(), 0, encoderBlocks);
        SherlRoute.checkTaps(decoderSide.taps(), lateLayers, decoderBlocks);
        this.network = network;
        this.encoderSide = encoderSide;
        this.decoderSide = decoderSide;
        this.encoderEarly = new EarlyRoute<>(
                network.encoder(),
                Stream.concat(encoderSide.taps().stream(), Stream.of(encoderBlocks))
                        .distinct()
                        .toList());
        this.decoderEarly = new EarlyRoute<>(network.decoder(), decoderSide.taps());
        this.late = network.decoder().blocks().subList(decoderBlocks - lateLayers, decoderBlocks);
    }

    /**
     * A route with new adapters, and norms that start as copies of the network's own.
     *
     * @param network shared; stays open and unchanged
     */
    public static <B> EncoderDecoderRoute<B> of(EncoderDecoder<B> network, EncoderDecoderConfig config) {
        List<Integer> encoderTaps =
                config.encoderTapsOf(network.encoder().blocks().size());
        List<Integer> decoderTaps =
                config.decoderTapsOf(network.decoder().blocks().size());
        SherlRoute.checkTaps(encoderTaps, 0, network.encoder().blocks().size());
        SherlRoute.checkTaps(
                decoderTaps, config.lateLayers(), network.decoder().blocks().size());
        SherlAdapter ofEncoder =
                adapter(network.encoder(), config, encoderTaps, Rng.derive(config.seed(), ENCODER_USE));
        SherlAdapter ofDecoder =
                adapter(network.decoder(), config, decoderTaps, Rng.derive(config.seed(), DECODER_USE));
        return new EncoderDecoderRoute<>(
                network,
                new AdaptedSide(ofEncoder, network.newEncoderNorm(), encoderTaps),
                new AdaptedSide(ofDecoder, network.newDecoderNorm(), decoderTaps),
                config.lateLayers());
    }

    private static SherlAdapter adapter(Backbone<?> side, EncoderDecoderConfig config, List<Integer> taps, long seed) {
        long width = side.width(taps.get(taps.size() - 1));
        AdapterOptions options = config.adapterOptions(width);
        return new SherlAdapter(options, taps.stream().map(side::width).toList(), width, side.type(), seed);
    }

    /**
     * What a forward pass keeps.
     *
     * @param gradMemory where the late blocks leave the gradient of the encoder's adapted memory
     */
    public record Kept(
            Context context,
            AdaptedSide.Kept encoder,
            SherlAdapter.Kept decoder,
            List<LayerStep> late,
            LayerStep norm,
            INDArray gradMemory)
            implements RouteStep {
        /**
         * Sends a gradient back through the late blocks to the decoder's adapter and, through their cross-attention, to the
         * encoder's. There it ends.
         *
         * @param gradOutput gradient of the route's result, overwritten
         */
        @Override
        public void backward(INDArray gradOutput) {
            context.memory().ops().zero(gradMemory);
            INDArray gradient = norm.backward(gradOutput);
            for (int i = late.size() - 1; i >= 0; i--) {
                gradient = late.get(i).backward(gradient);
            }
            decoder.backward(gradient);
            encoder.backward(gradMemory);
        }
    }

    /**
     * Computes and keeps what the backward pass needs: of the early blocks nothing but the tapped states.
     *
     * @param context the encoder's
     * @param result the decoder's last state behind its norm, overwritten
     */
    @Override
    public Kept forward(B batch, Context context, INDArray result) {
        Memory memory = context.memory();
        Arena step = memory.step();
        long[] memoryShape = memoryShape(batch);
        INDArray sideMemory = step.array(memoryShape);
        INDArray gradMemory = step.array(memoryShape);
        Context decoderContext = network.decoder().context(memory, batch, context.seed());
        int cut = network.decoder().blocks().size() - late.size();
        INDArray state = step.array(network.decoder().stateShape(batch, cut));
        AdaptedSide.Kept encoder;
        SherlAdapter.Kept decoder;
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray plainMemory = memory.scratch().array(memoryShape);
            encoder = encode(batch, context, plainMemory, sideMemory);
            decoder = adapt(batch, decoderContext.withSource(network.source(context, plainMemory, null)), state);
        }
        Context lateContext = decoderContext.withSource(network.source(context, sideMemory, gradMemory));
        List<LayerStep> steps = new ArrayList<>();
        for (Layer block : late) {
            INDArray next = step.array(block.outputShape(state.shape()));
            steps.add(block.forward(state, lateContext, next));
            state = next;
        }
        LayerStep norm = decoderSide.norm().forward(state, lateContext, result);
        return new Kept(context, encoder, decoder, steps, norm, gradMemory);
    }

    /** The whole encoder, to the plain memory and the adapted one. */
    private AdaptedSide.Kept encode(B batch, Context context, INDArray plainMemory, INDArray sideMemory) {
        Memory memory = context.memory();
        Arena step = memory.step();
        SherlAdapter adapter = encoderSide.adapter();
        try (Arena.Scope scope = memory.scratch().scope()) {
            List<INDArray> states = encoderEarly.blankStates(
                    batch, tap -> tap < adapter.taps() && adapter.keepsState(tap) ? step : memory.scratch());
            encoderEarly.run(batch, context, states);
            network.encoderNorm().infer(states.get(states.size() - 1), context, plainMemory);
            INDArray adapted =
                    memory.scratch().array(states.get(adapter.taps() - 1).shape());
            return encoderSide.forward(states.subList(0, adapter.taps()), context, adapted, sideMemory);
        }
    }

    /** The decoder's early blocks and its adapter. */
    private SherlAdapter.Kept adapt(B batch, Context context, INDArray result) {
        Memory memory = context.memory();
        SherlAdapter adapter = decoderSide.adapter();
        try (Arena.Scope scope = memory.scratch().scope()) {
            List<INDArray> states =
                    decoderEarly.blankStates(batch, tap -> adapter.keepsState(tap) ? memory.step() : memory.scratch());
            decoderEarly.run(batch, context, states);
            return adapter.forward(AdapterInput.of(states), context, result);
        }
    }

    /**
     * Computes and keeps nothing.
     *
     * @param context the encoder's
     * @param result the decoder's last state behind its norm, overwritten
     */
    @Override
    public void infer(B batch, Context context, INDArray result) {
        Memory memory = context.memory();
        Arena scratch = memory.scratch();
        try (Arena.Scope scope = scratch.scope()) {
            Memories memories = memories(batch, context, scratch);
            Context decoderContext = network.decoder().context(memory, batch, context.seed());
            Context early = decoderContext.withSource(memories.plain);
            Context lateContext = decoderContext.withSource(memories.adapted);
            int end = network.decoder().blocks().size();
            int cut = end - late.size();
            List<INDArray> states = decoderEarly.blankStates(batch, tap -> scratch);
            decoderEarly.run(batch, early, states);
            PassingStates passing = PassingStates.between(
                    memory, cut, end, i -> network.decoder().stateShape(batch, i));
            IntFunction<INDArray> place = i -> i == end ? result : passing.at(i);
            decoderSide.adapter().infer(AdapterInput.of(states), early, place.apply(cut));
            for (int i = cut; i < end; i++) {
                late.get(i - cut).infer(place.apply(i), lateContext, place.apply(i + 1));
            }
            decoderSide.norm().infer(result, lateContext, result);
        }
    }

    /** What the early and the late blocks of the decoder read. */
    record Memories(Source plain, Source adapted) {}

    /** Both memories of a batch, in inference. */
    Memories memories(B batch, Context context, Arena lifetime) {
        Memory memory = context.memory();
        INDArray plain = lifetime.array(memoryShape(batch));
        INDArray adapted = lifetime.array(memoryShape(batch));
        try (Arena.Scope scope = memory.scratch().scope()) {
            List<INDArray> states = encoderEarly.blankStates(batch, tap -> memory.scratch());
            encoderEarly.run(batch, context, states);
            network.encoderNorm().infer(states.get(states.size() - 1), context, plain);
            encoderSide.infer(states.subList(0, encoderSide.taps().size()), context, adapted);
        }
        return new Memories(network.source(context, plain, null), network.source(context, adapted, null));
    }

    private long[] memoryShape(B batch) {
        return network.encoder().stateShape(batch, network.encoder().blocks().size());
    }

    @Override
    public long[] resultShape(B batch) {
        return network.decoder().stateShape(batch, network.decoder().blocks().size());
    }

    /** Adapter and norm of the encoder. */
    public AdaptedSide encoderSide() {
        return encoderSide;
    }

    /** Adapter and norm of the decoder. */
    public AdaptedSide decoderSide() {
        return decoderSide;
    }

    /** Number of the decoder's late blocks. */
    public int lateLayers() {
        return late.size();
    }

    /** The parameters of both sides, the encoder's first; those of one side have the other's names, but for a prefix. */
    @Override
    public List<Parameter> trainable() {
        return Stream.concat(encoderSide.parameters().stream(), decoderSide.parameters().stream())
                .toList();
    }

    /** The parameters by the prefix that tells the sides apart in files. */
    public Map<String, List<Parameter>> sides() {
        Map<String, List<Parameter>> sides = new LinkedHashMap<>();
        sides.put("encoder.", encoderSide.parameters());
        sides.put("decoder.", decoderSide.parameters());
        return sides;
    }
}
