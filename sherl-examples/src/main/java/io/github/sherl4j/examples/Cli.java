package io.github.sherl4j.examples;

import io.github.sherl4j.train.DivergenceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;

/** Runs commands so that whatever goes wrong is one sentence on standard error and an exit code. */
final class Cli {
    private Cli() {}

    /** For main methods: ends the JVM if the command failed, and returns if it did not, since Maven's own may run it. */
    static void main(Object command, String... arguments) {
        int code = run(new CommandLine(command), arguments);
        if (code != ExitCode.OK) {
            System.exit(code);
        }
    }

    /**
     * Runs a command.
     *
     * @param command with the streams to write to
     * @return 0 if all went well, 1 if data or a computation failed, 2 if the arguments are wrong
     */
    static int run(CommandLine command, String... arguments) {
        return command.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((exception, given) -> {
                    command.getErr().println(exception.getMessage());
                    return ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((exception, commandLine, result) -> {
                    if (!isForeseen(exception)) {
                        throw exception;
                    }
                    command.getErr().println(sentence(exception));
                    return ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }

    /** Failures whose message says all, so that a stack trace would only hide it. */
    private static boolean isForeseen(Exception exception) {
        return exception instanceof IllegalArgumentException
                || exception instanceof IllegalStateException
                || exception instanceof IOException
                || exception instanceof UncheckedIOException
                || exception instanceof DivergenceException;
    }

    /** The JDK's messages of file system errors may be a bare path. */
    private static String sentence(Exception exception) {
        Throwable wrapped = exception instanceof UncheckedIOException ? exception.getCause() : null;
        Throwable cause = Objects.requireNonNullElse(wrapped, exception);
        String message = Objects.requireNonNullElse(cause.getMessage(), cause.toString());
        boolean bare = cause instanceof FileSystemException file && file.getReason() == null;
        return bare ? message + ": " + cause.getClass().getSimpleName() : message;
    }
}
