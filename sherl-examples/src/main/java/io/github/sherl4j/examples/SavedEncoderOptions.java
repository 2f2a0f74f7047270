package io.github.sherl4j.examples;

import io.github.sherl4j.barlow.pretrain.SavedEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** A network that BarlowPretrain saved. */
final class SavedEncoderOptions {
    @SuppressWarnings("NullAway.Init") // picocli requires it
    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description = "Folder of a pre-trained network: config.json and model.safetensors.")
    private Path model;

    void check(Options options) {
        options.require(Files.isDirectory(model), "--model must be a folder, but is %s", model);
    }

    Path folder() {
        return model;
    }

    SavedEncoder read() throws IOException {
        return SavedEncoder.read(model);
    }
}
