package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.clipvil.ClipVilBackbone;
import io.github.sherl4j.data.QuestionBatch;
import io.github.sherl4j.data.QuestionData;
import io.github.sherl4j.data.QuestionExample;
import io.github.sherl4j.data.VisualFeatures;
import io.github.sherl4j.head.AnswerHead;
import io.github.sherl4j.head.Head;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.loss.BinaryCrossEntropy;
import io.github.sherl4j.metric.VqaAccuracy;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Answers questions about pictures: a route through CLIP-ViL's joint transformer, an answer head, binary cross-entropy with the
 * answers' scores as soft targets, the classes' losses added up. Training is for one thread at a time, prediction for any number of
 * threads while nobody trains. Closing it does not close the backbone.
 */
public final class QuestionModel implements Model<QuestionBatch> {
    private static final int PREDICTED_AT_ONCE = 32;
    private static final long HEAD_USE = 2;

    private final ClipVilBackbone backbone;
    private final Route<QuestionBatch> route;
    private final QuestionOptions options;
    private final @Nullable SherlConfig config;
    private final AnswerHead head;
    private final ParameterGroups parameters;
    private final MemoryPool memories;

    private QuestionModel(
            ClipVilBackbone backbone,
            Route<QuestionBatch> route,
            QuestionOptions options,
            @Nullable SherlConfig config) {
        Check.argument(
                options.maxTokens() <= backbone.config().positions(),
                "maxTokens must be at most %s, the longest that this network takes, but is %s",
                backbone.config().positions(),
                options.maxTokens());
        this.backbone = backbone;
        this.route = route;
        this.options = options;
        this.config = config;
        this.head = new AnswerHead(
                options.task(),
                backbone.pooler(),
                options.answers().size(),
                backbone.type(),
                Rng.derive(options.seed(), HEAD_USE));
        this.parameters = new ParameterGroups(Stream.concat(route.trainable().stream(), head.parameters().stream())
                .toList());
        this.memories = new MemoryPool(backbone.type());
    }

    /**
     * A model with a new head over any route, such as {@code HeadOnly} or {@code FullTuning}.
     *
     * @param backbone shared; stays open
     * @param route through that backbone; its parameters become trainable
     */
    public QuestionModel(ClipVilBackbone backbone, Route<QuestionBatch> route, QuestionOptions options) {
        this(backbone, route, options, null);
    }

    /**
     * A model that is trained by SHERL, with a new adapter and a new head.
     *
     * @param backbone shared; stays open and unchanged
     * @param config such as {@link #published}
     */
    public static QuestionModel sherl(ClipVilBackbone backbone, SherlConfig config, QuestionOptions options) {
        return new QuestionModel(backbone, SherlRoute.of(backbone, config), options, config);
    }

    /** The published adapter: gated reductions to half the width, all states tapped, one late block. */
    public static SherlConfig published() {
        return SherlConfig.defaults().withPreset(AdapterPreset.CLIP_VIL);
    }

    /**
     * Loads what {@link #save} wrote.
     *
     * @param backbone the network that the adapter was trained on; shared, stays open
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if the file is no such adapter, is damaged, or was trained on another network
     */
    public static QuestionModel load(ClipVilBackbone backbone, Path folder) throws IOException {
        return QuestionFiles.load(backbone, folder);
    }

    /**
     * Saves adapter and head: {@code adapter.safetensors}, and {@code adapter.json}, which tells people what is in it.
     *
     * @param folder made if it does not exist
     * @throws IllegalStateException if this model has no adapter
     */
    public void save(Path folder) throws IOException {
        QuestionFiles.save(this, folder);
    }

    @Override
    public double accumulate(QuestionBatch batch, double weight, long seed) {
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            Context context = backbone.context(memory, batch, OptionalLong.of(seed));
            INDArray targets = targets(batch, memory);
            INDArray states = memory.step().array(route.resultShape(batch));
            INDArray logits =
                    memory.step().array(batch.size(), options.answers().size());
            Route.RouteStep routeStep = route.forward(batch, context, states);
            Head.HeadStep headStep = head.forward(states, context, logits);
            BinaryCrossEntropy.Result loss =
                    BinaryCrossEntropy.of(memory, logits, targets, BinaryCrossEntropy.Classes.SUM, weight);
            if (route.trainable().isEmpty()) {
                headStep.backwardToParameters(loss.gradient());
            } else {
                routeStep.backward(headStep.backward(loss.gradient()));
            }
            return loss.value();
        }
    }

    private INDArray targets(QuestionBatch batch, Memory memory) {
        INDArray scores = batch.scores();
        Check.shape("scores", scores, batch.size(), options.answers().size());
        INDArray targets = memory.step().array(scores.shape());
        memory.ops().copy(scores, targets);
        return targets;
    }

    /** Logits [questions][answers] of a batch; scores are not looked at. */
    double[][] logits(QuestionBatch batch) {
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            Context context = backbone.context(memory, batch, OptionalLong.empty());
            INDArray states = memory.step().array(route.resultShape(batch));
            INDArray logits =
                    memory.step().array(batch.size(), options.answers().size());
            route.infer(batch, context, states);
            head.infer(states, context, logits);
            double[][] rows = new double[batch.size()][options.answers().size()];
            for (int i = 0; i < rows.length; i++) {
                for (int j = 0; j < rows[i].length; j++) {
                    rows[i][j] = logits.getDouble(i, j);
                }
            }
            return rows;
        }
    }

    /** Tokenizes questions as this model needs them. */
    public QuestionData prepare(List<QuestionExample> questions, VisualFeatures features) {
        return QuestionData.of(questions, backbone.tokenizer(), options.maxTokens(), features, options.answers());
    }

    /** The likeliest answer to each question, in their order, with its probability. */
    public List<Answer> answer(QuestionData data) {
        Answer[] all = new Answer[data.size()];
        for (int[] indices : data.sequentialPlan(PREDICTED_AT_ONCE)) {
            try (QuestionBatch batch = data.batch(indices)) {
                double[][] rows = logits(batch);
                for (int i = 0; i < indices.length; i++) {
                    int best = Prediction.best(rows[i]);
                    all[indices[i]] = new Answer(options.answers().get(best), 1 / (1 + Math.exp(-rows[i][best])));
                }
            }
        }
        return new ArrayList<>(Arrays.asList(all));
    }

    /** The mean score of the predicted answers, from 0 to 1. */
    public double accuracy(QuestionData data) {
        List<Answer> answers = answer(data);
        double[] scores = new double[answers.size()];
        Arrays.setAll(
                scores,
                i -> data.examples()
                        .get(i)
                        .answers()
                        .getOrDefault(answers.get(i).text(), 0.0));
        return VqaAccuracy.mean(scores);
    }

    /**
     * An answer.
     *
     * @param text one of the model's answers
     * @param probability that it is right, as the model has it
     */
    public record Answer(String text, double probability) {}

    /** How SHERL is laid over the network; null if it is not. */
    @Nullable
    SherlConfig config() {
        return config;
    }

    /** The options. */
    public QuestionOptions options() {
        return options;
    }

    /** The network that this model shares. */
    public ClipVilBackbone backbone() {
        return backbone;
    }

    @Override
    public ParameterGroups parameters() {
        return parameters;
    }

    @Override
    public List<Parameter> buffers() {
        return route.buffers();
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
