package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.data.TextData;
import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.route.Prediction;
import io.github.sherl4j.route.SherlModel;
import io.github.sherl4j.route.TextClassifier;
import io.github.sherl4j.train.TrainReport;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.train.Validation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.classification.Evaluation;

/** One task on one network, by any method: whatever the methods do not differ in is the same here. */
final class Experiment {
    /**
     * A trained model's score and what it says of the test texts.
     *
     * @param predictions one for each test text, in their order
     */
    record Outcome(MethodResult result, List<Prediction> predictions) {}

    private final TextTask task;
    private final int defaultMaxLength;
    private final ModelOptions model;
    private final TrainOptions train;
    private final PrintWriter err;

    Experiment(TextTask task, int defaultMaxLength, ModelOptions model, TrainOptions train, PrintWriter err) {
        this.task = task;
        this.defaultMaxLength = defaultMaxLength;
        this.model = model;
        this.train = train;
        this.err = err;
    }

    /**
     * Adapts a freshly loaded network and measures it on the test data.
     *
     * @param save where SHERL's adapter is saved; not used by other methods
     */
    Outcome run(Method method, Path save) throws IOException {
        try (BertBackbone backbone = model.load()) {
            model.check(backbone, defaultMaxLength);
            long total = count(backbone);
            TrainingMemory memory = TrainingMemory.start();
            try (TextClassifier classifier = method.classifier(
                    backbone,
                    model.sherl(train.seed()),
                    model.classifier(task.labels(), defaultMaxLength, train.seed()))) {
                TrainReport report = fit(method, classifier, memory);
                double peakMb = memory.peakMb(backbone, classifier);
                var residentPeakMb = memory.residentPeakMb();
                if (classifier instanceof SherlModel sherl) {
                    sherl.save(save);
                }
                List<Prediction> predictions =
                        classifier.predictExamples(task.test().examples());
                Evaluation evaluation = evaluate(predictions);
                long trainable = classifier.parameters().count();
                MethodResult result = new MethodResult(
                        method,
                        evaluation.accuracy(),
                        MacroF1.of(evaluation),
                        trainable,
                        method == Method.FULL ? trainable : total + trainable,
                        report.secondsPerStep(),
                        peakMb,
                        residentPeakMb,
                        report.epochs());
                return new Outcome(result, predictions);
            }
        }
    }

    /** What a saved adapter says of the test texts, on a freshly loaded network. */
    List<Prediction> reloaded(Path saved) throws IOException {
        try (BertBackbone backbone = model.load();
                SherlModel sherl = SherlModel.load(backbone, saved)) {
            return sherl.predictExamples(task.test().examples());
        }
    }

    private TrainReport fit(Method method, TextClassifier classifier, TrainingMemory memory) throws IOException {
        train.cache(method, classifier);
        TextData data = task.train();
        Validation validation = null;
        if (train.validationShare() > 0) {
            TextData.Split split = data.split(train.validationShare(), train.seed());
            TokenizedData held = classifier.tokenize(split.first());
            validation = () -> classifier.evaluate(held).accuracy();
            data = split.second();
        }
        TokenizedData tokens = classifier.tokenize(data);
        try (ProgressListener progress = new ProgressListener(method.toString(), err)) {
            return new Trainer(train.config(method), memory, progress).fit(classifier, tokens, validation);
        }
    }

    private Evaluation evaluate(List<Prediction> predictions) {
        Evaluation evaluation = new Evaluation(task.labels());
        List<TextExample> examples = task.test().examples();
        for (int i = 0; i < predictions.size(); i++) {
            evaluation.eval(
                    index(predictions.get(i).label()), index(examples.get(i).label()));
        }
        return evaluation;
    }

    private int index(@Nullable String label) {
        return task.labels().indexOf(label);
    }

    private static long count(BertBackbone backbone) {
        return backbone.parameters().stream()
                .mapToLong(parameter -> parameter.value().length())
                .sum();
    }
}
