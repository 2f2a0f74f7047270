package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.detr.DecoderBlock;
import io.github.sherl4j.backbone.detr.DetrTransformer;
import io.github.sherl4j.backbone.detr.EncoderBlock;
import io.github.sherl4j.backbone.detr.Scene;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SHERL over an encoder and a decoder, as the paper lays it over MDETR. The early route is the whole encoder, whose plain result all
 * decoder blocks but the last read, and these blocks; all in inference. The encoder's adapter makes a side memory of its tapped
 * states, the decoder's adapter a state of those of the queries. The last block takes that state and reads the side memory alone: so
 * gradients reach the encoder's adapter through that block's cross-attention.
 *
 * <p>Two results are trained: the decoder's adapter's own, and that of the last block behind the decoder's norm, which answers.
 */
public final class SherlScene implements SceneRoute {
    private static final long ENCODER_USE = 4;
    private static final long DECODER_USE = 5;

    private final DetrTransformer transformer;
    private final SherlAdapter encoderAdapter;
    private final SherlAdapter decoderAdapter;
    private final SceneTaps taps;

    /**
     * A route.
     *
     * @param transformer shared; stays open and unchanged
     * @param encoderAdapter made for as many states as the encoder has taps
     * @param decoderAdapter made for as many states as the decoder has taps
     */
    public SherlScene(
            DetrTransformer transformer, SherlAdapter encoderAdapter, SherlAdapter decoderAdapter, SceneTaps taps) {
        taps.check(transformer.config().encoderLayers(), transformer.config().decoderLayers());
        Check.argument(
                encoderAdapter.taps() == taps.encoder().size()
                        && decoderAdapter.taps() == taps.decoder().size(),
                "adapters must be made for %s and %s tapped states, but are made for %s and %s",
                taps.encoder().size(),
                taps.decoder().size(),
                encoderAdapter.taps(),
                decoderAdapter.taps());
        this.transformer = transformer;
        this.encoderAdapter = encoderAdapter;
        this.decoderAdapter = decoderAdapter;
        this.taps = taps;
    }

    /**
     * A route with new adapters.
     *
     * @param options such as {@link AdapterOptions#mdetr} of half the width
     */
    public static SherlScene of(DetrTransformer transformer, AdapterOptions options, SceneTaps taps, long seed) {
        long width = transformer.config().width();
        return new SherlScene(
                transformer,
                new SherlAdapter(
                        options, taps.encoder().size(), width, transformer.type(), Rng.derive(seed, ENCODER_USE)),
                new SherlAdapter(
                        options, taps.decoder().size(), width, transformer.type(), Rng.derive(seed, DECODER_USE)),
                taps);
    }

    /** What a forward pass keeps. */
    record Kept(
            Scene scene,
            SherlAdapter.Kept encoder,
            SherlAdapter.Kept decoder,
            DecoderBlock.Kept late,
            LayerStep norm,
            INDArray sideMemory)
            implements SceneStep {
        @Override
        public void backward(List<INDArray> gradients, @Nullable INDArray gradSource, @Nullable INDArray gradQueries) {
            Memory memory = scene.context().memory();
            INDArray gradient = gradients.get(1);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradMemory = memory.scratch().array(sideMemory.shape());
                memory.ops().zero(gradMemory);
                norm.backward(gradient);
                late.backward(gradient, gradMemory, null);
                memory.ops().add(gradient, gradients.get(0), gradient);
                decoder.backward(gradient);
                encoder.backward(gradMemory);
            }
        }
    }

    @Override
    public int results() {
        return 2;
    }

    @Override
    public void infer(Scene scene, INDArray source, INDArray result) {
        Memory memory = scene.context().memory();
        Arena scratch = memory.scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray side = scratch.array(source.shape());
            INDArray adapted = scratch.array(result.shape());
            INDArray plain = scratch.array(source.shape());
            try (Arena.Scope states = scratch.scope()) {
                List<INDArray> tapped = encode(scene, source, tap -> scratch);
                encoderAdapter.infer(AdapterInput.of(tapped), scene.context(), side);
                memory.ops().copy(tapped.get(tapped.size() - 1), plain);
            }
            try (Arena.Scope states = scratch.scope()) {
                List<INDArray> tapped = decode(scene, plain, result.shape(), tap -> scratch);
                decoderAdapter.infer(AdapterInput.of(tapped), scene.context(), adapted);
            }
            last().infer(adapted, side, scene, result);
            transformer.norm().infer(result, scene.context(), result);
        }
    }

    @Override
    public SceneStep forward(Scene scene, INDArray source, List<INDArray> results) {
        Memory memory = scene.context().memory();
        INDArray adapted = results.get(0);
        INDArray side = memory.step().array(source.shape());
        try (Arena.Scope scope = memory.scratch().scope()) {
            List<INDArray> encoded = encode(scene, source, lifetime(encoderAdapter, memory));
            SherlAdapter.Kept encoder = encoderAdapter.forward(AdapterInput.of(encoded), scene.context(), side);
            INDArray plain = encoded.get(encoded.size() - 1);
            List<INDArray> decoded = decode(scene, plain, adapted.shape(), lifetime(decoderAdapter, memory));
            SherlAdapter.Kept decoder = decoderAdapter.forward(AdapterInput.of(decoded), scene.context(), adapted);
            INDArray state = memory.scratch().array(adapted.shape());
            DecoderBlock.Kept late = last().forward(adapted, side, scene, state);
            LayerStep norm = transformer.norm().forward(state, scene.context(), results.get(1));
            return new Kept(scene, encoder, decoder, late, norm, side);
        }
    }

    private static Function<Integer, Arena> lifetime(SherlAdapter adapter, Memory memory) {
        return tap -> adapter.keepsState(tap) ? memory.step() : memory.scratch();
    }

    /** The tapped states of the encoder, the last of which is the plain memory. */
    private List<INDArray> encode(Scene scene, INDArray source, Function<Integer, Arena> lifetime) {
        List<BiConsumer<INDArray, INDArray>> blocks = new ArrayList<>();
        for (EncoderBlock block : transformer.encoder()) {
            blocks.add((state, result) -> block.infer(state, scene, result));
        }
        return run(scene, source, blocks, taps.encoder(), lifetime);
    }

    private List<INDArray> decode(Scene scene, INDArray plain, long[] shape, Function<Integer, Arena> lifetime) {
        Memory memory = scene.context().memory();
        List<BiConsumer<INDArray, INDArray>> blocks = new ArrayList<>();
        for (DecoderBlock block :
                transformer.decoder().subList(0, transformer.decoder().size() - 1)) {
            blocks.add((state, result) -> block.infer(state, plain, scene, result));
        }
        INDArray start = memory.scratch().array(shape);
        memory.ops().zero(start);
        return run(scene, start, blocks, taps.decoder(), lifetime);
    }

    /** Runs blocks in inference; states that are not tapped share two arrays. */
    private static List<INDArray> run(
            Scene scene,
            INDArray start,
            List<BiConsumer<INDArray, INDArray>> blocks,
            List<Integer> taps,
            Function<Integer, Arena> lifetime) {
        Arena scratch = scene.context().memory().scratch();
        List<INDArray> tapped = new ArrayList<>();
        for (int i = 0; i < taps.size(); i++) {
            tapped.add(lifetime.apply(i).array(start.shape()));
        }
        try (Arena.Scope scope = scratch.scope()) {
            INDArray[] passing = {scratch.array(start.shape()), scratch.array(start.shape())};
            INDArray state = start;
            for (int i = 0; i < blocks.size(); i++) {
                INDArray next = taps.contains(i) ? tapped.get(taps.indexOf(i)) : passing[i % 2];
                blocks.get(i).accept(state, next);
                state = next;
            }
        }
        return tapped;
    }

    private DecoderBlock last() {
        return transformer.decoder().get(transformer.decoder().size() - 1);
    }

    @Override
    public Map<String, List<Parameter>> trainable() {
        return Map.of("encoder.", encoderAdapter.parameters(), "decoder.", decoderAdapter.parameters());
    }

    /** The adapter of the encoder. */
    public SherlAdapter encoderAdapter() {
        return encoderAdapter;
    }

    /** The adapter of the decoder. */
    public SherlAdapter decoderAdapter() {
        return decoderAdapter;
    }
}
