package io.github.sherl4j.examples;

import java.nio.file.Files;
import java.nio.file.Path;
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

    /** Fails unless an option is left out or names a file that can be written, before hours of training end there. */
    void requireFile(String name, @Nullable Path file) {
        Path folder = file == null ? null : file.toAbsolutePath().getParent();
        require(
                file == null || (folder != null && Files.isDirectory(folder) && !Files.isDirectory(file)),
                "%s must be a file in a folder that exists, but is %s",
                name,
                file);
    }

    /** Fails if an option names a folder to write to, and a file has that name. */
    void requireFolder(String name, @Nullable Path folder) {
        require(
                folder == null || !Files.exists(folder) || Files.isDirectory(folder),
                "%s must be a folder, but %s is a file",
                name,
                folder);
    }
}
