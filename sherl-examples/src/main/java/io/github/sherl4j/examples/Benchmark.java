package io.github.sherl4j.examples;

import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.nd.OpProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures time and memory of training steps on networks with random weights. */
@Command(
        name = "benchmark",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Measures time and memory beyond weights, and prints a line of JSON for each case.",
            "minilm is MiniLM-L6 on 32 x 64 tokens, bert is BERT-base on 16 x 64, resnet50 is ResNet-50 on 8 pictures"
                    + " of",
            "224 x 224; weights are random.",
            "The loss is Barlow Twins', with both gradients, on a batch of N embeddings D wide."
        })
public final class Benchmark implements Callable<Integer> {
    private static final int FEWEST_ROUNDS = 7;

    @Parameters(
            paramLabel = "CASE",
            arity = "1..*",
            description = "What to measure, one after another: frozen_forward_X (the network in inference),"
                    + " sherl_step_X or full_step_X (a training step with its AdamW update), X being minilm or bert;"
                    + " or " + LossCase.NAME + ", such as barlow_loss_256_8192.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "9",
            description = "Rounds measured, after two that do not count; at least " + FEWEST_ROUNDS
                    + " (default: ${DEFAULT-VALUE}).")
    private int rounds = 9;

    @Option(
            names = "--profile",
            description = "Print time, megabytes and calls of each native operation in a round to standard error.")
    private boolean profile;

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
        Cli.main(new Benchmark(), arguments);
    }

    @Override
    public Integer call() throws JsonProcessingException {
        Options options = new Options(spec);
        options.require(rounds >= FEWEST_ROUNDS, "--rounds must be at least %s, but is %s", FEWEST_ROUNDS, rounds);
        List<Measurement> cases = new ArrayList<>();
        for (String name : names) {
            Optional<Measurement> found = find(name);
            options.require(
                    found.isPresent(),
                    "CASE must be one of %s, %s, but is %s",
                    String.join(", ", BenchmarkCase.names()),
                    LossCase.NAME,
                    name);
            cases.add(found.orElseThrow());
        }
        NativeMemory.initialize();
        for (Measurement measured : cases) {
            OpProfile operations = profile ? new OpProfile() : null;
            BenchmarkResult result = measured.run(rounds, operations);
            spec.commandLine().getOut().println(result.toJson());
            if (operations != null) {
                spec.commandLine().getErr().println(ProfileTable.of(operations, rounds));
            }
        }
        return ExitCode.OK;
    }

    /** One case, ready to be measured. */
    private interface Measurement {
        BenchmarkResult run(int rounds, @Nullable OpProfile profile);
    }

    private static Optional<Measurement> find(String name) {
        Optional<Measurement> loss = LossCase.find(name).map(known -> known::run);
        return loss.or(() -> BenchmarkCase.find(name)
                .map(known -> (count, operations) -> new BenchmarkRun(known, count, operations).run()));
    }
}
