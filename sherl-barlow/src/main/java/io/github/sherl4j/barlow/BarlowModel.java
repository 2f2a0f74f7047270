package io.github.sherl4j.barlow;

import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.barlow.view.TwoViews;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.Model;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.tuning.FullTuning;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Barlow Twins (Zbontar et al. 2021, section 2.1 and algorithm 1): both views go through the encoder f and the projector g, one
 * after the other, and the loss pulls the cross-correlation matrix of the embeddings z towards the identity. All parameters
 * of encoder and projector learn; afterwards the projector is thrown away.
 *
 * <p>Batch statistics are those of one view, and running statistics move twice a step, by the first view first. Training is for
 * one thread at a time. It takes the encoder's weights over: when the model is closed they are gone, so save them before.
 */
public final class BarlowModel implements Model<TwoViews> {
    private static final int LEAST_PART = 3;
    private static final LossValue NOT_FINITE = new LossValue(Double.NaN, Double.NaN, Double.NaN);

    private final ImageBackbone encoder;
    private final Route<ImageBatch> route;
    private final Projector projector;
    private final LossOptions options;
    private final BarlowTwinsLoss loss;
    private final int part;
    private final ParameterGroups parameters;
    private final Memory memory;
    private final Map<Long, MicroBatches> microBatches = new LinkedHashMap<>();
    private @Nullable RunningStatistics running;
    private @Nullable INDArray embeddings;
    private LossValue lastLoss = NOT_FINITE;

    /**
     * A model.
     *
     * @param encoder with norms on batch statistics; its parameters become trainable and end with this model
     * @param projector on batch statistics, its input as wide as the encoder's states; owned by the model
     * @param options of the loss
     * @param part how many pictures go through the networks at once, at least 3, or 0 for whole batches. The loss and, given the
     *     embeddings, its gradients are those of the whole batch, in memory for a part; but the networks' own batch norms see
     *     the part
     */
    public BarlowModel(ImageBackbone encoder, Projector projector, LossOptions options, int part) {
        Check.argument(
                part == 0 || part >= LEAST_PART,
                "part must be at least %s pictures, or 0 for whole batches, but is %s",
                LEAST_PART,
                part);
        Parameter first = projector.parameters().get(0);
        Check.width(first.name(), first.value(), encoder.width());
        this.encoder = encoder;
        this.route = new FullTuning<>(encoder);
        this.projector = projector;
        this.options = options;
        this.loss = new BarlowTwinsLoss(options);
        this.part = part;
        this.memory = new Memory(encoder.type());
        Map<String, List<Parameter>> parts = new LinkedHashMap<>();
        parts.put("encoder.", encoder.parameters());
        parts.put("projector.", projector.parameters());
        this.parameters = ParameterGroups.prefixed(parts);
    }

    /**
     * A residual network and a new projector, both on batch statistics.
     *
     * @param encoder with norms; changed and taken over
     * @param widths of the projector's layers behind the encoder; the paper's are 8192, 8192, 8192
     * @param options of the loss
     * @param part as in the constructor
     * @param seed of the projector's weights
     */
    public static BarlowModel of(
            ResNetBackbone encoder, List<Integer> widths, LossOptions options, int part, long seed) {
        encoder.statistics(BatchNorm.Statistics.BATCH);
        long[] all = LongStream.concat(
                        LongStream.of(encoder.width()), widths.stream().mapToLong(Integer::longValue))
                .toArray();
        try (Rng rng = new Rng(seed)) {
            Projector projector = Projector.create("layer", new LayerFactory(encoder.type(), rng), all);
            return new BarlowModel(encoder, projector, options, part);
        }
    }

    /** One view on its way: its embedding z = g(f(x)), [pictures, width], and the steps back. */
    private record Twin(
            Memory memory, Context context, Route.RouteStep encoder, INDArray states, LayerStep projector, INDArray z) {
        void backward(INDArray gradZ) {
            INDArray gradFeatures = projector.backward(gradZ);
            INDArray gradStates = memory.scratch().array(states.shape());
            Pooling.MEAN.spread(gradFeatures, context, memory.positions(gradStates));
            encoder.backward(gradStates);
        }
    }

    /**
     * As the interface says, but parts of a batch are no batches: their losses do not add up. Give whole batches, and let this
     * model cut them.
     *
     * @param seed not used, since nothing is dropped
     * @return the loss, NaN if an embedding is not finite; nothing is added to the gradients then
     */
    @Override
    public double accumulate(TwoViews views, double weight, long seed) {
        boolean whole = part == 0 || views.size() <= part;
        lastLoss = whole ? step(views, weight) : stepInParts(views, weight);
        return lastLoss.value();
    }

    /** Algorithm 1 of the paper. */
    private LossValue step(TwoViews views, double weight) {
        memory.reset();
        Twin a = embed(views.first());
        Twin b = embed(views.second());
        if (!isFinite(a.z) || !isFinite(b.z)) {
            return NOT_FINITE;
        }
        INDArray gradA = memory.step().array(a.z.shape());
        INDArray gradB = memory.step().array(b.z.shape());
        LossValue value = loss.of(a.z, b.z, gradA, gradB).loss();
        backward(b, gradB, weight);
        backward(a, gradA, weight);
        return value;
    }

    private Twin embed(INDArray view) {
        ImageBatch x = ImageBatch.of(view, new int[0]);
        Context context = encoder.context(memory, x, OptionalLong.empty());
        INDArray states = memory.step().array(route.resultShape(x)); // [pictures, height, width, channels]
        INDArray features = memory.step().array(x.size(), encoder.width());
        INDArray z = memory.step().array(projector.outputShape(features.shape()));
        Route.RouteStep encoderStep = route.forward(x, context, states);
        Pooling.MEAN.pool(memory.positions(states), context, features);
        LayerStep projectorStep = projector.forward(features, context, z);
        embeddings = z;
        return new Twin(memory, context, encoderStep, states, projectorStep, z);
    }

    private void backward(Twin twin, INDArray gradZ, double weight) {
        if (weight != 1) {
            memory.ops().multiply(gradZ, weight, gradZ);
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            twin.backward(gradZ);
        }
    }

    /** Two passes: the embeddings of all parts for the loss, then each part again for its gradient. */
    private LossValue stepInParts(TwoViews views, double weight) {
        MicroBatches batch = batch(views.size());
        long parts = (views.size() + part - 1) / part;
        memory.reset();
        for (long i = 0; i < parts; i++) {
            try (Arena.Scope scope = memory.step().scope()) {
                Twin a = embed(rows(views.first(), i, parts));
                Twin b = embed(rows(views.second(), i, parts));
                if (!isFinite(a.z) || !isFinite(b.z)) {
                    return NOT_FINITE;
                }
                batch.add(a.z, b.z);
            }
        }
        LossValue value = batch.loss();
        RunningStatistics statistics = running();
        statistics.remember(memory);
        for (long i = 0; i < parts; i++) {
            try (Arena.Scope scope = memory.step().scope()) {
                Twin a = embed(rows(views.first(), i, parts));
                Twin b = embed(rows(views.second(), i, parts));
                LossGradients gradients = batch.gradients(a.z, b.z);
                backward(b, gradients.second(), weight);
                backward(a, gradients.first(), weight);
            }
        }
        statistics.restore(memory);
        return value;
    }

    private MicroBatches batch(long size) {
        long width = projector.outputShape(1, encoder.width())[1];
        MicroBatches batch =
                microBatches.computeIfAbsent(size, rows -> new MicroBatches(options, rows, width, encoder.type()));
        batch.clear();
        return batch;
    }

    /** The i-th of nearly equal parts, over the same memory. */
    private INDArray rows(INDArray view, long i, long parts) {
        long size = view.size(0);
        return memory.slices(view, i * size / parts, (i + 1) * size / parts);
    }

    private boolean isFinite(INDArray z) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray mean = memory.scratch().array(z.size(1), 1);
            memory.ops().meanColumns(z, mean);
            return Double.isFinite(Embeddings.sum(memory, mean));
        }
    }

    private RunningStatistics running() {
        if (running == null) {
            running = new RunningStatistics(buffers());
        }
        return running;
    }

    /** The last step's loss and its two sums; NaN before the first. */
    public LossValue lastLoss() {
        return lastLoss;
    }

    /**
     * How healthy the embeddings of the last step's second view are, in parts those of the last part.
     *
     * @throws IllegalStateException before the first step
     */
    public EmbeddingHealth health() {
        if (embeddings == null) {
            throw new IllegalStateException("This model has made no embeddings yet");
        }
        return EmbeddingHealth.of(embeddings);
    }

    /** The loss's options. */
    public LossOptions options() {
        return options;
    }

    /** How many pictures go through the networks at once; 0 for whole batches. */
    public int part() {
        return part;
    }

    /** The encoder f. */
    public ImageBackbone encoder() {
        return encoder;
    }

    /** All that the model is made of by its name in files: parameters, then running statistics. */
    public Map<String, INDArray> tensors() {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        parameters.named().forEach((name, parameter) -> tensors.put(name, parameter.value()));
        encoder.buffers().forEach(buffer -> tensors.put("encoder." + buffer.name(), buffer.value()));
        projector.buffers().forEach(buffer -> tensors.put("projector." + buffer.name(), buffer.value()));
        return tensors;
    }

    @Override
    public ParameterGroups parameters() {
        return parameters;
    }

    /** The running statistics of encoder and projector. */
    @Override
    public List<Parameter> buffers() {
        return Stream.concat(encoder.buffers().stream(), projector.buffers().stream())
                .toList();
    }

    @Override
    public long workingBytes() {
        return memory.bytes() + loss.bytes();
    }

    /** Frees encoder, projector and working memory. */
    @Override
    public void close() {
        memory.close();
        loss.close();
        microBatches.values().forEach(MicroBatches::close);
        microBatches.clear();
        if (running != null) {
            running.close();
            running = null;
        }
        embeddings = null;
        parameters.close();
        buffers().forEach(Parameter::close);
    }
}
