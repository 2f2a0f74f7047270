package io.github.sherl4j.route;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.LabelledBatch;
import io.github.sherl4j.data.LabelledSource;
import io.github.sherl4j.head.Head;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.loss.CrossEntropy;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.OpProfile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A classifier of whatever its backbone reads: a route through that backbone, a head, cross-entropy. Training is for one
 * thread at a time, prediction for any number of threads while nobody trains. Closing it does not close the backbone.
 *
 * @param <B> a batch of inputs
 */
public class Classifier<B extends LabelledBatch> implements Model<B> {
    private static final int PREDICTED_AT_ONCE = 32;

    private final Backbone<B> backbone;
    private final Route<B> route;
    private final Head head;
    private final List<String> labels;
    private final ParameterGroups parameters;
    private final MemoryPool memories;
    private @Nullable OpProfile profile;
    private @Nullable StateCache cache;

    /**
     * A classifier.
     *
     * @param backbone shared; stays open
     * @param route through that backbone; its parameters become trainable
     * @param head of one logit for each class; owned by the classifier, its parameters become trainable
     * @param labels names of the classes
     */
    public Classifier(Backbone<B> backbone, Route<B> route, Head head, List<String> labels) {
        Check.argument(
                head.outputWidth() == labels.size(),
                "head must make a logit for each of the labels %s, but makes %s",
                labels,
                head.outputWidth());
        this.backbone = backbone;
        this.route = route;
        this.head = head;
        this.labels = List.copyOf(labels);
        this.parameters = new ParameterGroups(Stream.concat(route.trainable().stream(), head.parameters().stream())
                .toList());
        this.memories = new MemoryPool(backbone.type());
    }

    @Override
    public double accumulate(B batch, double weight, long seed) {
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            memory.ops().profile(profile);
            Context context = backbone.context(memory, batch, OptionalLong.of(seed));
            INDArray states = memory.step().array(route.resultShape(batch));
            INDArray logits = memory.step().array(batch.size(), labels.size());
            Route.RouteStep routeStep = route.forward(batch, context, states);
            Head.HeadStep headStep = head.forward(states, context, logits);
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
    private INDArray targets(Memory memory, B batch) {
        int classes = labels.size();
        INDArray targets = memory.step().array(batch.size(), classes);
        for (int label : batch.labels()) {
            Check.argument(label < classes, "batch has the label %s, but this model has %s classes", label, classes);
        }
        memory.ops().gather(memory.ops().identity(classes), batch.labelArray(), targets);
        return targets;
    }

    /** Probabilities [batch][classes] of a batch; labels are not looked at. */
    public double[][] probabilities(B batch) {
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            Context context = backbone.context(memory, batch, OptionalLong.empty());
            INDArray states = memory.step().array(route.resultShape(batch));
            INDArray logits = memory.step().array(batch.size(), labels.size());
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

    /** Probabilities [examples][classes] of a whole data set, in its order. */
    public double[][] probabilities(LabelledSource<B> data) {
        double[][] all = new double[data.size()][];
        for (int[] indices : data.sequentialPlan(PREDICTED_AT_ONCE)) {
            try (B batch = data.batch(indices)) {
                double[][] rows = probabilities(batch);
                for (int i = 0; i < indices.length; i++) {
                    all[indices[i]] = rows[i];
                }
            }
        }
        return all;
    }

    /** Compares predictions with labels. */
    public Evaluation evaluate(LabelledSource<B> data) {
        Evaluation evaluation = new Evaluation(labels);
        double[][] probabilities = probabilities(data);
        for (int i = 0; i < probabilities.length; i++) {
            evaluation.eval(Prediction.best(probabilities[i]), data.label(i));
        }
        return evaluation;
    }

    /**
     * Keeps the frozen part's states of every training example in a file from now on, so that later epochs need not compute
     * them again.
     *
     * @param folder where the file is made; it is deleted when the model is closed
     * @param maxBytes largest size of the file; examples that no longer fit are computed each time
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

    /** Names of the classes. */
    public List<String> labels() {
        return labels;
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
        if (cache != null) {
            cache.close();
        }
    }
}
