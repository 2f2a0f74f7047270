package io.github.sherl4j.examples;

import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.Prediction;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adapts a pre-trained network to a task of text classification by several methods, and compares them. */
@Command(
        name = "adapt-text",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Adapts a pre-trained BERT to a task of text classification by SHERL, by training its head alone and by"
                    + " full fine-tuning, and compares accuracy, time and memory.",
            "Without options: MiniLM learns to tell spam from ham."
        })
public final class AdaptText implements Callable<Integer> {
    @Option(
            names = "--method",
            paramLabel = "METHOD",
            split = ",",
            description = "head: the head alone learns; sherl: SHERL's adapter and the head learn; full: everything"
                    + " learns. May be repeated (default: all three, in this order).")
    private List<Method> methods = new ArrayList<>();

    @Mixin
    private final DataOptions data = new DataOptions();

    @Mixin
    private final ModelOptions model = new ModelOptions();

    @Mixin
    private final TrainOptions train = new TrainOptions();

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file, too.")
    private @Nullable Path json;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Where SHERL's adapter is saved (default: sherl-adapter in the system's temporary folder).")
    private @Nullable Path save;

    @SuppressWarnings("unused") // picocli prints the help
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    @Spec
    private CommandSpec spec;

    /** Runs the command, and ends the JVM if it fails. */
    public static void main(String[] arguments) {
        Cli.main(new AdaptText(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Set<Method> chosen = Method.chosen(methods);
        check(new Options(spec), chosen.contains(Method.SHERL));
        NativeMemory.initialize();
        PrintWriter out = spec.commandLine().getOut();
        TextTask task = data.load(train.seed());
        out.printf(
                "Task %s: %d training texts, %d test texts, labels %s; network %s%n",
                task.name(), task.train().size(), task.test().size(), task.labels(), model.name());

        Experiment experiment = new Experiment(
                task, data.defaultMaxLength(), model, train, spec.commandLine().getErr());
        List<MethodResult> results = new ArrayList<>();
        List<Prediction> bySherl = List.of();
        for (Method method : chosen) {
            Experiment.Outcome outcome = experiment.run(method, folder());
            results.add(outcome.result());
            bySherl = method == Method.SHERL ? outcome.predictions() : bySherl;
        }
        out.println(ResultTable.of(results));
        if (json != null) {
            ResultFile.write(json, task.name(), model.name(), train.seed(), results);
        }
        if (chosen.contains(Method.SHERL)) {
            SavedAdapter.requireSame(bySherl, experiment.reloaded(folder()), folder());
            out.printf(
                    "SHERL's adapter was saved in %s; on a freshly loaded network it predicts the same for all %d test"
                            + " texts, such as:%n%s%n",
                    folder(), bySherl.size(), SavedAdapter.examples(task, bySherl));
        }
        return ExitCode.OK;
    }

    private void check(Options options, boolean withSherl) {
        data.check(options);
        model.check(options, withSherl);
        train.check(options);
        options.onlyIf(withSherl, "--save", "--method sherl");
        options.requireFile("--json", json);
        options.requireFolder("--save", save);
    }

    private Path folder() {
        return save == null ? Path.of(System.getProperty("java.io.tmpdir"), "sherl-adapter") : save;
    }
}
