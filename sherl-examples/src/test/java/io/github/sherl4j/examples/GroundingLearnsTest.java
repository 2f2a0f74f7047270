package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.data.SceneData;
import io.github.sherl4j.route.FrozenScene;
import io.github.sherl4j.route.GroundingModel;
import io.github.sherl4j.route.MdetrFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example's own scenes, fewer of them. */
class GroundingLearnsTest {
    private static final int SCENES = 640;
    private static final int TESTED = 300;

    @TempDir
    Path folder;

    private final EmojiData emoji = EmojiData.load();

    GroundingLearnsTest() throws IOException {}

    @Test
    void theSmallNetworkFindsWhatItLearnedFrom() throws IOException {
        SmallSceneNetwork.train(emoji, SCENES, 10, folder, new PrintWriter(new StringWriter()));
        try (MdetrNetwork network = MdetrFolder.load(folder, false);
                GroundingModel model = new GroundingModel(network, new FrozenScene(network.transformer()), null, 1)) {
            SceneData held = data(network, EmojiScenes.pale(emoji, TESTED, 5));
            assertThat(model.measure(held).accuracy()).isGreaterThan(0.9);
        }
    }

    private static SceneData data(MdetrNetwork network, EmojiScenes scenes) {
        return SceneData.of(
                scenes.examples(),
                network.texts().tokenizer(),
                network.texts().maxTokens(),
                scenes.pictures(),
                EmojiScenes.SIDE,
                PixelNorm.IMAGENET);
    }
}
