package io.github.sherl4j.examples;

import io.github.sherl4j.data.TextData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which texts to learn from. */
final class DataOptions {
    /** The longest sequences in tokens unless the user gives another, as constants for the help. */
    static final int SPAM_LENGTH = 96;

    static final int OTHER_LENGTH = 64;

    /** The tasks that need no description of their files. */
    enum Known {
        SPAM(SPAM_LENGTH),
        TREC(OTHER_LENGTH),
        SST2(OTHER_LENGTH);

        private final int maxLength;

        Known(int maxLength) {
            this.maxLength = maxLength;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description = "spam: mails that come with this program (default); trec: questions by what they ask for;"
                    + " sst2: film reviews by sentiment. The last two need --data.")
    private @Nullable Known task;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder with train.label and test.label (trec) or train.tsv and dev.tsv (sst2), or with a"
                    + " folder trec or sst2 that has them.")
    private @Nullable Path data;

    @Option(
            names = "--train",
            paramLabel = "FILE",
            description = "Own training data instead of a task: .csv, .tsv or .tab, also with .gz, with a header line.")
    private @Nullable Path train;

    @Option(names = "--test", paramLabel = "FILE", description = "Own test data, with the same columns.")
    private @Nullable Path test;

    @Option(
            names = "--text-column",
            paramLabel = "NAME",
            defaultValue = "text",
            description = "Column with the text in own data (default: ${DEFAULT-VALUE}).")
    private String textColumn = "text";

    @Option(
            names = "--pair-column",
            paramLabel = "NAME",
            description = "Column with the second text of a pair, such as an answer, in own data (default: none).")
    private @Nullable String pairColumn;

    @Option(
            names = "--label-column",
            paramLabel = "NAME",
            defaultValue = "label",
            description = "Column with the label in own data (default: ${DEFAULT-VALUE}).")
    private String labelColumn = "label";

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Train on N texts only, drawn by --seed so that labels keep their shares.")
    private @Nullable Integer limit;

    void check(Options options) {
        boolean own = train != null;
        options.require(own == (test != null), "--train and --test must be given together");
        options.require(!own || task == null, "--task and --train exclude each other");
        options.require(!own || data == null, "--data and --train exclude each other");
        boolean needsFolder = task == Known.TREC || task == Known.SST2;
        options.require(!needsFolder || data != null, "--task %s needs --data", task);
        options.onlyIf(needsFolder, "--data", "--task trec or --task sst2");
        for (String column : new String[] {"--text-column", "--pair-column", "--label-column"}) {
            options.onlyIf(own, column, "--train and --test");
        }
        options.require(limit == null || limit >= 1, "--limit must be at least 1, but is %s", limit);
    }

    /** The longest sequence in tokens, unless the user gives another. */
    int defaultMaxLength() {
        return train != null ? OTHER_LENGTH : known().maxLength;
    }

    TextTask load(long seed) throws IOException {
        TextTask all = train != null && test != null ? own(train, test) : known(known());
        return limit == null ? all : all.limit(limit, seed);
    }

    private Known known() {
        return task == null ? Known.SPAM : task;
    }

    private TextTask known(Known known) throws IOException {
        return switch (known) {
            case SPAM -> SpamData.load();
            case TREC -> TrecData.load(folder());
            case SST2 -> Sst2Data.load(folder());
        };
    }

    private Path folder() {
        if (data == null) {
            throw new IllegalStateException("The options were not checked");
        }
        return data;
    }

    private TextTask own(Path trainFile, Path testFile) throws IOException {
        return TextTask.of(
                String.valueOf(trainFile.getFileName()),
                TextData.csv(trainFile, textColumn, pairColumn, labelColumn),
                TextData.csv(testFile, textColumn, pairColumn, labelColumn));
    }
}
