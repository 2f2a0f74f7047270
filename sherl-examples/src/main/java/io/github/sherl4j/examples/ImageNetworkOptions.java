package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.barlow.pretrain.SavedEncoder;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.weights.SafeTensors;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Option;

/** Which image network to adapt: a checkpoint of the user's, or the small one that stands in this module's resources. */
final class ImageNetworkOptions {
    private static final String SMALL = "emoji-resnet";
    private static final String WEIGHTS = "model.safetensors";
    private static final String CONFIG = "config.json";
    private static final int LARGE = 224;

    /** Torchvision's networks by name. */
    enum Architecture {
        RESNET18,
        RESNET34,
        RESNET50,
        RESNET101,
        RESNET152,
        RESNEXT50_32X4D,
        RESNEXT101_32X8D;

        ResNetConfig config() {
            return switch (this) {
                case RESNET18 -> ResNetConfig.resNet18();
                case RESNET34 -> ResNetConfig.resNet34();
                case RESNET50 -> ResNetConfig.resNet50();
                case RESNET101 -> ResNetConfig.resNet101();
                case RESNET152 -> ResNetConfig.resNet152();
                case RESNEXT50_32X4D -> ResNetConfig.resNext50();
                case RESNEXT101_32X8D -> ResNetConfig.resNext101();
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Folder that BarlowPretrain wrote, or one with a ResNet's model.safetensors under"
                    + " torchvision's names and --arch (default: a small ResNet that Barlow Twins pre-trained on the"
                    + " training emoji without labels).")
    private @Nullable Path model;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "What --model holds, if not BarlowPretrain's network: ${COMPLETION-CANDIDATES}.")
    private @Nullable Architecture architecture;

    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            description =
                    "Width and height of pictures (default: what the network was pre-trained on, 224 with --arch).")
    private @Nullable Integer size;

    void check(Options options) {
        options.onlyIf(model != null, "--arch", "--model");
        options.require(size == null || size >= 32, "--image-size must be at least 32, but is %s", size);
    }

    String name() {
        return model == null ? SMALL : model.toString();
    }

    /** Sizes and pictures of the network. */
    SavedEncoder encoder() throws IOException {
        SavedEncoder encoder;
        if (model == null) {
            try (InputStream config = open(CONFIG)) {
                encoder = SavedEncoder.parse(
                        SMALL + "/" + CONFIG, new String(config.readAllBytes(), StandardCharsets.UTF_8));
            }
        } else if (architecture == null) {
            encoder = SavedEncoder.read(model);
        } else {
            encoder = new SavedEncoder(architecture.config(), ImageTransform.square(LARGE, PixelNorm.IMAGENET));
        }
        return size == null
                ? encoder
                : new SavedEncoder(
                        encoder.network(),
                        ImageTransform.square(size, encoder.transform().norm()));
    }

    /**
     * A freshly loaded network, closed by the caller.
     *
     * @param trainable whether all of it is to be trained
     */
    ResNetBackbone load(ResNetConfig network, boolean trainable) throws IOException {
        if (model != null) {
            return load(network, model.resolve(WEIGHTS), trainable);
        }
        try (TemporaryFolder folder = TemporaryFolder.create(SMALL)) {
            Path file = folder.path().resolve(WEIGHTS);
            try (InputStream weights = open(WEIGHTS)) {
                Files.copy(weights, file);
            }
            return load(network, file, trainable);
        }
    }

    private static ResNetBackbone load(ResNetConfig network, Path file, boolean trainable) throws IOException {
        try (SafeTensors weights = SafeTensors.open(file)) {
            return trainable
                    ? ResNetBackbone.loadTrainable(network, weights, DataType.FLOAT)
                    : ResNetBackbone.load(network, weights, DataType.FLOAT);
        }
    }

    private static InputStream open(String file) throws FileNotFoundException {
        String resource = SMALL + "/" + file;
        InputStream stream = ImageNetworkOptions.class.getResourceAsStream(resource);
        if (stream == null) {
            throw new FileNotFoundException("The class path has no " + resource + " beside ImageNetworkOptions");
        }
        return stream;
    }
}
