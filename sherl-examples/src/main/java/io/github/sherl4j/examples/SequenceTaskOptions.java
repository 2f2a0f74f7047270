package io.github.sherl4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which texts to turn into which. */
final class SequenceTaskOptions {
    private static final int LETTER_TRAIN = 4000;
    private static final int LETTER_TEST = 400;

    /** The tasks that need no description of their files. */
    enum Known {
        LETTERS,
        SST2;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description =
                    "letters: whether a made-up word ends as it begins (default without --model); sst2: film reviews"
                            + " by sentiment, needs --data.")
    private @Nullable Known task;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder with train.tsv and dev.tsv of SST-2, or with a folder sst2 that has them.")
    private @Nullable Path data;

    @Option(
            names = "--train",
            paramLabel = "FILE",
            description = "Own training data instead of a task: .csv, .tsv or .tab, also with .gz, with a header line.")
    private @Nullable Path train;

    @Option(names = "--test", paramLabel = "FILE", description = "Own test data, with the same columns.")
    private @Nullable Path test;

    @Option(
            names = "--source-column",
            paramLabel = "NAME",
            defaultValue = "source",
            description = "Column with the text in own data (default: ${DEFAULT-VALUE}).")
    private String source = "source";

    @Option(
            names = "--target-column",
            paramLabel = "NAME",
            defaultValue = "target",
            description = "Column with what it is to be turned into (default: ${DEFAULT-VALUE}).")
    private String target = "target";

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "What own texts begin with, such as \"summarize: \" (default: nothing).")
    private String prompt = "";

    @Option(names = "--limit", paramLabel = "N", description = "Train on N texts only, drawn by --seed.")
    private @Nullable Integer limit;

    @Option(names = "--test-limit", paramLabel = "N", description = "Test on N texts only, drawn by --seed.")
    private @Nullable Integer testLimit;

    void check(Options options, boolean hasModel) {
        boolean own = train != null;
        options.require(own == (test != null), "--train and --test must be given together");
        options.require(!own || task == null, "--task and --train exclude each other");
        options.require(!hasModel || own || task == Known.SST2, "--model needs --task sst2, or --train and --test");
        options.require(hasModel || (!own && task != Known.SST2), "--task sst2 and --train need --model");
        options.require(task != Known.SST2 || data != null, "--task sst2 needs --data");
        options.onlyIf(task == Known.SST2, "--data", "--task sst2");
        for (String name : new String[] {"--source-column", "--target-column", "--prompt"}) {
            options.onlyIf(own, name, "--train and --test");
        }
        options.require(limit == null || limit >= 1, "--limit must be at least 1, but is %s", limit);
        options.require(testLimit == null || testLimit >= 1, "--test-limit must be at least 1, but is %s", testLimit);
    }

    SequenceTask load(long seed) throws IOException {
        return all(seed)
                .limit(
                        limit == null ? Integer.MAX_VALUE : limit,
                        testLimit == null ? Integer.MAX_VALUE : testLimit,
                        seed);
    }

    private SequenceTask all(long seed) throws IOException {
        if (train != null && test != null) {
            return SequenceTask.csv(train, test, source, target, prompt);
        }
        if (task == Known.SST2 && data != null) {
            return SequenceTask.sst2(data);
        }
        return new SequenceTask(
                "letters",
                Letters.sameEnds(limit == null ? LETTER_TRAIN : limit, seed + 1),
                Letters.sameEnds(LETTER_TEST, seed + 2));
    }
}
