package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.backbone.clipvil.ClipVilBackbone;
import io.github.sherl4j.data.QuestionFile;
import io.github.sherl4j.route.QuestionModel;
import io.github.sherl4j.route.QuestionOptions;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.HeadOnly;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A joint network that learned to tell of which kind the emoji in a cell of a picture is, and was then frozen, learns to tell which
 * one of the kind it is: its last state has little of that, its early states have all of it.
 */
class QuestionLearningTest {
    private static final long SEED = 1;
    private static final int PICTURES = 2000;
    private static final int TEST = 500;
    private static final int EPOCHS = 4;

    @TempDir
    private Path folder;

    @Test
    void sherlReadsOutOfEarlyStatesWhatTheLastDoesNotSay() throws IOException {
        EmojiData emoji = EmojiData.load();
        List<EmojiQuestions.Kind> kind = List.of(EmojiQuestions.Kind.KIND);
        double known = SmallJointNetwork.train(
                folder,
                EmojiQuestions.draw(emoji, kind, PICTURES, SEED),
                EmojiQuestions.draw(emoji, kind, TEST, SEED + 1),
                EPOCHS,
                SEED);
        assertThat(known).as("telling kinds, before freezing").isGreaterThan(0.9);
        List<EmojiQuestions.Kind> thing = List.of(EmojiQuestions.Kind.THING);
        EmojiQuestions train = EmojiQuestions.draw(emoji, thing, PICTURES, SEED + 2);
        EmojiQuestions test = EmojiQuestions.draw(emoji, thing, TEST, SEED + 3);
        QuestionOptions options = new QuestionOptions(
                "second", QuestionFile.answers(train.examples(), 1), SmallJointNetwork.POSITIONS, SEED);

        double head;
        try (ClipVilBackbone network = ClipVilBackbone.load(folder);
                QuestionModel model = new QuestionModel(network, new HeadOnly<>(network), options)) {
            head = adapt(model, train, test);
        }
        double sherl;
        try (ClipVilBackbone network = ClipVilBackbone.load(folder);
                QuestionModel model = QuestionModel.sherl(network, QuestionModel.published(), options)) {
            sherl = adapt(model, train, test);
        }
        // five standard errors of the difference, were both right as often as wrong
        double margin = 5 * Math.sqrt(2 * 0.25 / TEST);
        assertThat(sherl).isGreaterThan(0.8).isGreaterThan(head + margin);
    }

    private static double adapt(QuestionModel model, EmojiQuestions train, EmojiQuestions test) {
        TrainConfig config = TrainConfig.defaults()
                .withEpochs(EPOCHS)
                .withBatchSize(32)
                .withPeakRate(5e-3)
                .withRateShape(RateShape.linear(0.05))
                .withSeed(SEED);
        new Trainer(config).fit(model, model.prepare(train.examples(), train.features()), null);
        return model.accuracy(model.prepare(test.examples(), test.features()));
    }
}
