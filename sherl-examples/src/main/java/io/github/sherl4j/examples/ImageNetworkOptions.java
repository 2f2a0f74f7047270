package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Option;

/** Which image network to adapt: a checkpoint of the user's, or a small one that is pre-trained on the spot. */
final class ImageNetworkOptions {
    private static final String SMALL = "small-resnet";

    /** Torchvision's networks by name, and the small one of these examples. */
    enum Architecture {
        SMALL_RESNET,
        RESNET18,
        RESNET34,
        RESNET50,
        RESNET101,
        RESNET152,
        RESNEXT50_32X4D,
        RESNEXT101_32X8D;

        ResNetConfig config() {
            return switch (this) {
                case SMALL_RESNET -> SmallResNet.CONFIG;
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
            description =
                    "Folder with a ResNet's model.safetensors under torchvision's names (default: a small ResNet that"
                            + " is first trained to tell the emoji's groups apart).")
    private @Nullable Path model;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "What --model holds: ${COMPLETION-CANDIDATES} (default: resnet50).")
    private @Nullable Architecture architecture;

    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            description = "Width and height of pictures (default: 48 for the small ResNet, else 224).")
    private @Nullable Integer size;

    @Option(
            names = "--pretrain-epochs",
            paramLabel = "N",
            defaultValue = "20",
            description = "Passes of the small ResNet's own training (default: ${DEFAULT-VALUE}).")
    private int pretrainEpochs = 20;

    private @Nullable Path pretrained;

    void check(Options options) {
        options.onlyIf(model != null, "--arch", "--model");
        options.onlyIf(model == null, "--pretrain-epochs", "no --model");
        options.require(pretrainEpochs >= 1, "--pretrain-epochs must be at least 1, but is %s", pretrainEpochs);
        options.require(size == null || size >= 32, "--image-size must be at least 32, but is %s", size);
    }

    String name() {
        return model == null ? SMALL : model.toString();
    }

    ImageTransform transform() {
        boolean small = model == null || architecture == Architecture.SMALL_RESNET;
        int side = size != null ? size : small ? EmojiData.SIDE : 224;
        return ImageTransform.square(side, PixelNorm.IMAGENET);
    }

    /** The states that SHERL's adapter reads. */
    List<Integer> taps() {
        return config().stageTaps();
    }

    /**
     * A freshly loaded network, closed by the caller.
     *
     * @param trainable whether all of it is to be trained
     */
    ResNetBackbone load(boolean trainable, EmojiData emoji, PrintWriter err) throws IOException {
        Path file = model == null ? pretrained(emoji, err) : model.resolve("model.safetensors");
        try (SafeTensors weights = SafeTensors.open(file)) {
            return trainable
                    ? ResNetBackbone.loadTrainable(config(), weights, DataType.FLOAT)
                    : ResNetBackbone.load(config(), weights, DataType.FLOAT);
        }
    }

    private ResNetConfig config() {
        if (model == null) {
            return SmallResNet.CONFIG;
        }
        return (architecture == null ? Architecture.RESNET50 : architecture).config();
    }

    private Path pretrained(EmojiData emoji, PrintWriter err) throws IOException {
        if (pretrained == null) {
            pretrained = Files.createTempFile("small-resnet", ".safetensors");
            pretrained.toFile().deleteOnExit();
            SmallResNet.train(emoji, transform(), pretrainEpochs, pretrained, err);
        }
        return pretrained;
    }
}
