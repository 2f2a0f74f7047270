package io.github.sherl4j.backbone.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ClipTest {
    @TempDir
    private Path folder;

    private static Clip clip() {
        return new Clip(
                ClipImageBackbone.random(TinyClip.imageConfig(2), DataType.FLOAT, 1),
                ClipTextBackbone.random(TinyClip.textConfig(1), null, DataType.FLOAT, 2),
                14.3);
    }

    @Test
    void isLoadedAsItWasSaved() throws IOException {
        try (Clip clip = clip()) {
            clip.save(folder);
            Files.writeString(folder.resolve("tokenizer.json"), ClipLoadTest.TOKENIZER);
            try (Clip loaded = Clip.load(folder)) {
                assertThat(loaded.image().config()).isEqualTo(clip.image().config());
                assertThat(loaded.text().config()).isEqualTo(clip.text().config());
                assertThat(loaded.image().fingerprint()).isEqualTo(clip.image().fingerprint());
                assertThat(loaded.text().fingerprint()).isEqualTo(clip.text().fingerprint());
                assertThat(loaded.logitScale()).isCloseTo(14.3, within(1e-5));
                for (int i = 0; i < clip.image().parameters().size(); i++) {
                    assertThat(TestArrays.numbers(
                                    loaded.image().parameters().get(i).value()))
                            .isEqualTo(TestArrays.numbers(
                                    clip.image().parameters().get(i).value()));
                }
            }
            try (SafeTensors weights = SafeTensors.open(folder.resolve("model.safetensors"))) {
                assertThat(weights.shape("vision_model.embeddings.patch_embedding.weight"))
                        .as("a convolution, as other programs expect it")
                        .containsExactly(TinyClip.WIDTH, 3, 2, 2);
            }
        }
    }

    @Test
    void openAisNamesNeedNoConfiguration() throws IOException {
        ClipImageConfig imageSizes = new ClipImageConfig(8, 4, 3, 128, 2, 2, 6, 3, Activation.QUICK_GELU, 1e-5);
        ClipTextConfig textSizes = new ClipTextConfig(20, 9, 64, 1, 1, 6, 3, Activation.QUICK_GELU, 1e-5);
        try (ClipImageBackbone image = ClipImageBackbone.random(imageSizes, DataType.FLOAT, 1);
                ClipTextBackbone text = ClipTextBackbone.random(textSizes, null, DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = ClipLoadTest.openAi(image);
            tensors.putAll(ClipLoadTest.openAi(text));
            tensors.put("logit_scale", TestArrays.of(DataType.FLOAT, new double[] {Math.log(50)}, 1));
            Path file = folder.resolve("model.safetensors");
            SafeTensors.write(file, tensors, Map.of());
            Files.writeString(folder.resolve("tokenizer.json"), ClipLoadTest.TOKENIZER);
            try (Clip loaded = Clip.load(folder)) {
                assertThat(loaded.image().config()).isEqualTo(imageSizes);
                assertThat(loaded.text().config()).isEqualTo(textSizes);
                assertThat(loaded.image().fingerprint()).isEqualTo(image.fingerprint());
                assertThat(loaded.text().fingerprint()).isEqualTo(text.fingerprint());
                assertThat(loaded.logitScale()).isCloseTo(50, within(1e-4));
            }
            tensors.remove("visual.proj");
            SafeTensors.write(file, tensors, Map.of());
            assertThatThrownBy(() -> Clip.load(folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file + ": without a config.json beside it, expected a vision transformer and a text"
                            + " transformer under OpenAI's names, but there is no tensor visual.proj");
        }
    }

    @Test
    void refusesFilesWithoutAScale() throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafeTensors.write(file, Map.of("weight", TestArrays.normal(DataType.FLOAT, 1, 2)), Map.of());
        assertThatThrownBy(() -> Clip.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ": expected a CLIP, but there is no tensor logit_scale");
        SafeTensors.write(file, Map.of("logit_scale", TestArrays.normal(DataType.FLOAT, 1, 2)), Map.of());
        assertThatThrownBy(() -> Clip.load(folder))
                .hasMessage(file + ": logit_scale must be one number, but has shape [2]");
    }

    @Test
    void refusesTowersThatDoNotBelongTogether() {
        ClipTextConfig other =
                new ClipTextConfig(20, 8, 4, 1, 2, 6, 5, TinyClip.textConfig(1).activation(), 1e-5);
        try (ClipImageBackbone image = TinyClip.image(DataType.FLOAT, 1);
                ClipTextBackbone text = ClipTextBackbone.random(other, null, DataType.FLOAT, 1);
                ClipTextBackbone fits = TinyClip.text(DataType.FLOAT, 1)) {
            assertThatThrownBy(() -> new Clip(image, text, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("text must have features of length 3 as image does, but has 5");
            assertThatThrownBy(() -> new Clip(image, fits, 0)).hasMessage("logitScale must be positive, but is 0.0");
        }
    }
}
