package io.github.sherl4j.examples;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What a command did: exit code, standard output, standard error. */
record Run(int code, String out, String err) {
    static Run of(Object command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine =
                new CommandLine(command).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = Cli.run(commandLine, arguments);
        return new Run(code, out.toString(), err.toString());
    }
}
