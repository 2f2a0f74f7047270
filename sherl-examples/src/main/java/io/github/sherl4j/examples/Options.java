package io.github.sherl4j.examples;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks of options that picocli does not make. */
final class Options {
    private final CommandSpec spec;

    Options(CommandSpec spec) {
        this.spec = spec;
    }

    /** Whether an option was given, and is not just its default. */
    boolean given(String name) {
        return spec.commandLine().getParseResult().hasMatchedOption(name);
    }

    /** Fails with one sentence unless the condition holds. */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of its own
    void require(boolean condition, String message, @Nullable Object... values) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), message.formatted(values));
        }
    }

    /** Fails if an option was given where it would do nothing. */
    void onlyIf(boolean useful, String name, String needed) {
        require(useful || !given(name), "%s needs %s", name, needed);
    }
}
