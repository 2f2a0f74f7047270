package io.github.sherl4j.route;

import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.data.TextData;
import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.loss.CrossEntropy;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.OpProfile;
import io.github.sherl4j.nd.Rng;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A text classifier: a route through a backbone, a head, cross-entropy. Training is for one thread at a time, prediction for
 * any number of threads while nobody trains. Closing it does not close the backbone.
 */
public class TextClassifier implements Model<TokenBatch> {
    private static final int PREDICTED_AT_ONCE = 32;
    private static final long HEAD_USE = 2;

    private final TextBackbone backbone;
    private final Route<TokenBatch> route;
    private final ClassifierOptions options;
    private final ClassificationHead head;
    private final ParameterGroups parameters;
    private final MemoryPool memories;
    private @Nullable OpProfile profile;
    private @Nullable StateCache cache;

    /**
     * A classifier with a new head.
     *
     * @param backbone shared; stays open
     * @param route through that backbone; its parameters become trainable
     */
    public TextClassifier(TextBackbone backbone, Route<TokenBatch> route, ClassifierOptions options) {
        requireLength(backbone, options);
        this.backbone = backbone;
        this.route = route;
        this.options = options;
        this.head = new ClassificationHead(
                options.pooling(),
                backbone.width(),
                options.labels().size(),
                backbone.type(),
                Rng.derive(options.seed(), HEAD_USE));
        List<Parameter> all = new ArrayList<>(route.trainable());
        all.addAll(head.parameters());
        this.parameters = new ParameterGroups(all);
        this.memories = new MemoryPool(backbone.type());
    }

    static void requireLength(TextBackbone backbone, ClassifierOptions options) {
        Check.argument(
                options.maxLength() <= backbone.maxTokens(),
                "maxLength must be at most %s, the longest that this network takes, but is %s",
                backbone.maxTokens(),
                options.maxLength());
    }

    @Override
    public double accumulate(TokenBatch batch, double weight, long seed) {
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            memory.ops().profile(profile);
            Context context = backbone.context(memory, batch, OptionalLong.of(seed));
            INDArray states = memory.step().array(route.resultShape(batch));
            INDArray logits = memory.step().array(batch.size(), options.labels().size());
            Route.RouteStep routeStep = route.forward(batch, context, states);
            ClassificationHead.Kept headStep = head.forward(states, context, logits);
            CrossEntropy.Result loss = CrossEntropy.of(memory, logits, targets(memory, batch), weight);
            if (route.trainable().isEmpty()) {
                headStep.backwardToParameters(loss.gradient());
            } else {
                routeStep.backward(headStep.backward(loss.gradient()));
            }
            return loss.value();
        }
    }

    /** One-hot rows, [batch, classes]. */
    private INDArray targets(Memory memory, TokenBatch batch) {
        int classes = options.labels().size();
        INDArray targets = memory.step().array(batch.size(), classes);
        for (int label : batch.labels()) {
            Check.argument(label < classes, "batch has the label %s, but this model has %s classes", label, classes);
        }
        memory.ops().gather(memory.ops().identity(classes), batch.labelArray(), targets);
        return targets;
    }

    /** Probabilities [batch][classes] of a batch; labels are not looked at. */
    public double[][] probabilities(TokenBatch batch) {
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            Context context = backbone.context(memory, batch, OptionalLong.empty());
            INDArray states = memory.step().array(route.resultShape(batch));
            INDArray logits = memory.step().array(batch.size(), options.labels().size());
            route.infer(batch, context, states);
            head.infer(states, context, logits);
            memory.ops().softmax(logits, logits);
            return rows(logits);
        }
    }

    /** Number by number, since {@code toDoubleMatrix} leaves a native copy to the garbage collector. */
    private static double[][] rows(INDArray matrix) {
        double[][] rows = new double[(int) matrix.size(0)][(int) matrix.size(1)];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] = matrix.getDouble(i, j);
            }
        }
        return rows;
    }

    /**
     * Classifies texts.
     *
     * @param texts not blank; longer ones than the maximal length are cut
     * @return a prediction for each, in their order
     */
    public List<Prediction> predict(List<String> texts) {
        return predictExamples(
                texts.stream().map(text -> new TextExample(text, null, null)).toList());
    }

    /** Classifies texts or pairs of texts; labels are not looked at. */
    public List<Prediction> predictExamples(List<TextExample> examples) {
        if (examples.isEmpty()) {
            return List.of();
        }
        List<TokenizedText> texts = backbone.tokenizer().encodeAll(examples, options.maxLength());
        double[][] probabilities = probabilities(TokenizedData.of(texts, new int[0]));
        return Stream.of(probabilities)
                .map(row -> Prediction.of(options.labels(), row))
                .toList();
    }

    /** Probabilities [examples][classes] of a whole data set, in its order. */
    public double[][] probabilities(TokenizedData data) {
        double[][] all = new double[data.size()][];
        for (int[] indices : data.sequentialPlan(PREDICTED_AT_ONCE)) {
            try (TokenBatch batch = data.batch(indices)) {
                double[][] rows = probabilities(batch);
                for (int i = 0; i < indices.length; i++) {
                    all[indices[i]] = rows[i];
                }
            }
        }
        return all;
    }

    /** Compares predictions with labels. */
    public Evaluation evaluate(TokenizedData data) {
        Evaluation evaluation = new Evaluation(options.labels());
        double[][] probabilities = probabilities(data);
        for (int i = 0; i < probabilities.length; i++) {
            evaluation.eval(Prediction.best(probabilities[i]), data.label(i));
        }
        return evaluation;
    }

    /** Tokenizes labelled texts as this model needs them. */
    public TokenizedData tokenize(TextData data) {
        return TokenizedData.of(data, backbone.tokenizer(), options.labels(), options.maxLength());
    }

    /**
     * Keeps the frozen part's states of every training text in a file from now on, so that later epochs need not compute
     * them again.
     *
     * @param folder where the file is made; it is deleted when the model is closed
     * @param maxBytes largest size of the file; texts that no longer fit are computed each time
     * @throws IOException if no file can be made there
     * @throws UnsupportedOperationException if nothing is frozen
     */
    public void cacheStates(Path folder, long maxBytes) throws IOException {
        Check.argument(cache == null, "This model caches its states already");
        StateCache states = StateCache.create(folder, maxBytes);
        try {
            route.cacheStates(states);
        } catch (UnsupportedOperationException e) {
            states.close();
            throw e;
        }
        cache = states;
    }

    /** Measures every operation of the training steps from now on, or stops measuring if null. */
    public void profile(@Nullable OpProfile newProfile) {
        profile = newProfile;
    }

    /** The options. */
    public ClassifierOptions options() {
        return options;
    }

    /** The network that this model shares. */
    public TextBackbone backbone() {
        return backbone;
    }

    @Override
    public ParameterGroups parameters() {
        return parameters;
    }

    @Override
    public long workingBytes() {
        return memories.bytes();
    }

    @Override
    public void close() {
        memories.close();
        parameters.close();
        if (cache != null) {
            cache.close();
        }
    }
}
