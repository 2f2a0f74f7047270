package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.backbone.LastState;
import io.github.sherl4j.backbone.detr.DetrTransformer;
import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.backbone.detr.Scene;
import io.github.sherl4j.backbone.detr.SceneProjection;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.SceneBatch;
import io.github.sherl4j.data.SceneData;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.head.BoxHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.loss.SetLoss;
import io.github.sherl4j.metric.GroundingMetrics;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Finds what phrases of a text name in a picture: MDETR's network, a route through its transformer, heads for boxes and for the
 * tokens that each box belongs to, and the losses of {@link SetLoss}. Training is for one thread at a time. Closing it does not close
 * the network.
 */
public final class GroundingModel implements Model<SceneBatch> {
    private static final int PREDICTED_AT_ONCE = 8;

    private final MdetrNetwork network;
    private final SceneRoute route;
    private final @Nullable Whole whole;
    private final @Nullable SceneConfig config;
    private final List<Linear> headLayers;
    private final BoxHead head;
    private final ParameterGroups parameters;
    private final MemoryPool memories;

    /**
     * Routes through the networks in front of the transformer that train them, for full fine-tuning.
     *
     * @param images through {@link MdetrNetwork#images}
     * @param texts through {@link MdetrNetwork#texts}
     */
    public record Whole(Route<ImageBatch> images, Route<TokenBatch> texts) {}

    /**
     * A model with heads that start from the network's own.
     *
     * @param network shared; stays open, and unchanged if neither the route nor {@code whole} trains it
     * @param route through its transformer; its parameters become trainable
     * @param whole null if pictures, texts and their projections stay frozen; else they learn, and the queries too
     * @param headRate factor of the learning rate of the heads: 0.1 as published for SHERL
     */
    public GroundingModel(MdetrNetwork network, SceneRoute route, @Nullable Whole whole, double headRate) {
        this(network, route, whole, headRate, null);
    }

    private GroundingModel(
            MdetrNetwork network,
            SceneRoute route,
            @Nullable Whole whole,
            double headRate,
            @Nullable SceneConfig config) {
        Check.argument(
                whole == null || !route.trainable().isEmpty(),
                "the networks in front learn only where the transformer does, but the route trains nothing");
        this.network = network;
        this.route = route;
        this.whole = whole;
        this.config = config;
        this.headLayers = network.newHeads();
        this.head = new BoxHead(headLayers.get(0), headLayers.get(1), headLayers.get(2), headLayers.get(3));
        head.parameters().forEach(parameter -> parameter.rateFactor(headRate));
        Map<String, List<Parameter>> parts = new LinkedHashMap<>(route.trainable());
        if (whole != null) {
            parts.put("images.", whole.images.trainable());
            parts.put("texts.", whole.texts.trainable());
            parts.put("front.", network.frontParameters());
        }
        parts.put("head.", head.parameters());
        this.parameters = ParameterGroups.prefixed(parts);
        this.memories = new MemoryPool(network.transformer().type());
    }

    /**
     * A model that is trained by SHERL.
     *
     * @param network shared; stays open and unchanged
     */
    public static GroundingModel sherl(MdetrNetwork network, SceneConfig config) {
        DetrTransformer transformer = network.transformer();
        AdapterOptions options = config.adapterOptions(transformer.config().width());
        SherlScene route = SherlScene.of(transformer, options, config.tapsOf(transformer.config()), config.seed());
        return new GroundingModel(network, route, null, config.headRate(), config);
    }

    /**
     * Loads what {@link #save} wrote.
     *
     * @param network the one that the adapters were trained on; shared, stays open
     * @param folder with {@code adapter.safetensors}
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if the file holds no adapters of grounding, is damaged, or was trained on another network
     */
    public static GroundingModel load(MdetrNetwork network, Path folder) throws IOException {
        return GroundingFiles.load(network, folder);
    }

    /**
     * Saves adapters and heads, a few megabytes: {@code adapter.safetensors}, and {@code adapter.json}, which tells people what is in
     * it. Files that were there are replaced only when the new ones are safe on disk.
     *
     * @param folder made if it does not exist
     * @throws IllegalStateException if the model was not made by {@link #sherl}
     */
    public void save(Path folder) throws IOException {
        GroundingFiles.save(this, folder);
    }

    /** How SHERL is laid over the network; null if the model was put together of a route. */
    public @Nullable SceneConfig config() {
        return config;
    }

    /**
     * As the interface says; the loss of a batch is the sum over its boxes and results, divided by the number of boxes. That of a part
     * is divided by the whole batch's boxes a picture times the part's pictures, so that parts of any boxes add up to the batch.
     */
    @Override
    public double accumulate(SceneBatch batch, double weight, long seed) {
        check(batch);
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            Forward forward = forward(batch, memory, OptionalLong.of(seed));
            INDArray source = forward.source;
            List<INDArray> results = new ArrayList<>();
            for (int i = 0; i < route.results(); i++) {
                results.add(memory.step().array(resultShape(batch)));
            }
            SceneRoute.SceneStep routeStep = route.forward(forward.scene, source, results);
            double factor = 1 / (batch.meanBoxes() * batch.size());
            double value = 0;
            List<INDArray> gradients = new ArrayList<>();
            for (INDArray result : results) {
                INDArray logits = memory.step().array(batch.size(), queries(), head.classes());
                INDArray boxes = memory.step().array(batch.size(), queries(), 4);
                BoxHead.Kept headStep = head.forward(result, forward.scene.context(), logits, boxes);
                INDArray gradLogits = memory.hostArray(logits.shape());
                INDArray gradBoxes = memory.hostArray(boxes.shape());
                value += loss(batch, logits, boxes, gradLogits, gradBoxes, factor, weight);
                INDArray gradient = memory.step().array(result.shape());
                headStep.backward(gradLogits, gradBoxes, gradient);
                gradients.add(gradient);
            }
            if (!route.trainable().isEmpty()) {
                backward(forward, routeStep, gradients);
            }
            return value;
        }
    }

    private void backward(Forward forward, SceneRoute.SceneStep routeStep, List<INDArray> gradients) {
        if (whole == null || forward.front == null) {
            routeStep.backward(gradients, null, null);
            return;
        }
        Memory memory = forward.scene.context().memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradSource = memory.scratch().array(forward.source.shape());
            INDArray gradQueries =
                    memory.scratch().array(forward.scene.queries().shape());
            INDArray gradImage = memory.scratch().array(forward.front.image().shape());
            INDArray gradText = memory.scratch().array(forward.front.text().shape());
            memory.ops().zero(gradSource);
            memory.ops().zero(gradQueries);
            routeStep.backward(gradients, gradSource, gradQueries);
            Parameter queries = network.queries();
            memory.ops()
                    .sumColumns(
                            memory.reshape(
                                    gradQueries,
                                    gradQueries.size(0),
                                    queries.value().length()),
                            memory.reshape(queries.gradient(), queries.value().length(), 1),
                            1);
            forward.front.backward(gradSource, gradImage, gradText);
            forward.imageStep().backward(gradImage);
            forward.textStep().backward(gradText);
        }
    }

    /** What is in front of the transformer; the steps only where it learns. */
    private record Forward(
            Scene scene,
            INDArray source,
            SceneProjection.@Nullable Kept front,
            Route.@Nullable RouteStep images,
            Route.@Nullable RouteStep texts) {
        Route.RouteStep imageStep() {
            return Objects.requireNonNull(images, "images");
        }

        Route.RouteStep textStep() {
            return Objects.requireNonNull(texts, "texts");
        }
    }

    private Forward forward(SceneBatch batch, Memory memory, OptionalLong seed) {
        int blocks = network.images().blocks().size();
        long[] imageShape = network.images().stateShape(batch.images(), blocks);
        long[] textShape = network.texts()
                .stateShape(batch.texts(), network.texts().blocks().size());
        Scene scene = network.scene(batch, memory, (int) imageShape[1], (int) imageShape[2]);
        INDArray source = memory.step()
                .array(
                        batch.size(),
                        imageShape[1] * imageShape[2] + textShape[1],
                        network.transformer().config().width());
        Context imageContext = network.images().context(memory, batch.images(), seed);
        Context textContext = network.texts().context(memory, batch.texts(), seed);
        if (whole != null && seed.isPresent()) {
            INDArray image = memory.step().array(imageShape);
            INDArray text = memory.step().array(textShape);
            Route.RouteStep images = whole.images.forward(batch.images(), imageContext, image);
            Route.RouteStep texts = whole.texts.forward(batch.texts(), textContext, text);
            SceneProjection.Kept front = network.front().forward(image, text, scene.context(), source);
            return new Forward(scene, source, front, images, texts);
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray image = memory.scratch().array(imageShape);
            INDArray text = memory.scratch().array(textShape);
            LastState.infer(network.images(), batch.images(), imageContext, image);
            LastState.infer(network.texts(), batch.texts(), textContext, text);
            network.front().infer(image, text, scene.context(), source);
        }
        return new Forward(scene, source, null, null, null);
    }

    private double loss(
            SceneBatch batch,
            INDArray logits,
            INDArray boxes,
            INDArray gradLogits,
            INDArray gradBoxes,
            double factor,
            double weight) {
        double value = 0;
        for (int b = 0; b < batch.size(); b++) {
            List<SetLoss.Target> targets = batch.targets().get(b).stream()
                    .map(target -> new SetLoss.Target(target.box().numbers(), target.tokens()))
                    .toList();
            SetLoss.Result loss =
                    SetLoss.of(read(logits, b), read(boxes, b), targets, SetLoss.Weights.published(), factor);
            value += loss.value();
            write(loss.logits(), gradLogits, b, weight);
            write(loss.boxes(), gradBoxes, b, weight);
        }
        return value;
    }

    private static double[][] read(INDArray array, int sample) {
        double[][] rows = new double[(int) array.size(1)][(int) array.size(2)];
        long place = (long) sample * rows.length * rows[0].length;
        for (double[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                row[i] = array.data().getDouble(place++);
            }
        }
        return rows;
    }

    private static void write(double[][] rows, INDArray array, int sample, double factor) {
        long place = (long) sample * rows.length * rows[0].length;
        for (double[] row : rows) {
            for (double number : row) {
                array.data().put(place++, factor * number);
            }
        }
    }

    private void check(SceneBatch batch) {
        Check.argument(
                batch.texts().tokens() < head.classes(),
                "batch has texts of %s tokens, but this network tells at most %s apart",
                batch.texts().tokens(),
                head.classes() - 1);
        for (List<SceneBatch.Target> targets : batch.targets()) {
            Check.argument(
                    targets.size() <= queries(),
                    "a picture must have no more phrases than the network has queries, %s, but has %s",
                    queries(),
                    targets.size());
        }
    }

    private int queries() {
        return network.transformer().config().queries();
    }

    private long[] resultShape(SceneBatch batch) {
        return new long[] {
            batch.size(), queries(), network.transformer().config().width()
        };
    }

    /**
     * What the network says of a picture.
     *
     * @param boxes of all queries, [queries][4]: centre, width and height in shares of the picture
     * @param probabilities of token places and, last, of no object, [queries][token places + 1]
     */
    @SuppressWarnings("ArrayRecordComponent") // results, not to be modified
    public record Found(double[][] boxes, double[][] probabilities) {
        /** The boxes by the probability that they belong to a phrase's tokens, the best first. */
        public List<double[]> ranked(int[] tokens) {
            double[] scores = Arrays.stream(probabilities)
                    .mapToDouble(row -> Arrays.stream(tokens)
                            .mapToDouble(token -> row[token])
                            .sum())
                    .toArray();
            return IntStream.range(0, boxes.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -scores[i]))
                    .map(i -> boxes[i])
                    .toList();
        }
    }

    /** What the network says of each picture of a data set, in its order; targets are not looked at. */
    public List<Found> find(SceneData data) {
        Found[] found = new Found[data.size()];
        for (int[] indices : data.sequentialPlan(PREDICTED_AT_ONCE)) {
            try (SceneBatch batch = data.batch(indices);
                    MemoryPool.Loan loan = memories.borrow()) {
                check(batch);
                Memory memory = loan.memory();
                Forward forward = forward(batch, memory, OptionalLong.empty());
                INDArray result = memory.step().array(resultShape(batch));
                INDArray logits = memory.step().array(batch.size(), queries(), head.classes());
                INDArray boxes = memory.step().array(batch.size(), queries(), 4);
                route.infer(forward.scene, forward.source, result);
                head.infer(result, forward.scene.context(), logits, boxes);
                memory.ops().softmax(logits, logits);
                for (int i = 0; i < indices.length; i++) {
                    found[indices[i]] = new Found(read(boxes, i), read(logits, i));
                }
            }
        }
        return List.of(found);
    }

    /** Measures how well phrases are found; one that has several boxes counts once, and any of them is right. */
    public GroundingMetrics measure(SceneData data) {
        GroundingMetrics metrics = new GroundingMetrics();
        List<Found> found = find(data);
        for (int i = 0; i < found.size(); i++) {
            Map<List<Integer>, List<double[]>> byPhrase = new LinkedHashMap<>();
            for (SceneBatch.Target target : data.targets(i)) {
                byPhrase.computeIfAbsent(Arrays.stream(target.tokens()).boxed().toList(), phrase -> new ArrayList<>())
                        .add(target.box().numbers());
            }
            Found one = found.get(i);
            byPhrase.forEach((tokens, right) -> metrics.add(
                    one.ranked(tokens.stream().mapToInt(Integer::intValue).toArray()), right));
        }
        return metrics;
    }

    /** Makes the heads as they are now those that the network's next heads start from. */
    public void keepHeads() {
        network.heads(headLayers);
    }

    /** The network that this model shares. */
    public MdetrNetwork network() {
        return network;
    }

    @Override
    public ParameterGroups parameters() {
        return parameters;
    }

    @Override
    public List<Parameter> buffers() {
        return whole == null
                ? List.of()
                : Stream.concat(whole.images.buffers().stream(), whole.texts.buffers().stream())
                        .toList();
    }

    @Override
    public long workingBytes() {
        return memories.bytes();
    }

    @Override
    public void close() {
        memories.close();
        parameters.close();
        buffers().forEach(Parameter::close);
    }
}
