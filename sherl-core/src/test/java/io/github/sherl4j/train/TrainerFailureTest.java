package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.sherl4j.nd.Rng;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerFailureTest {
    private static final int WIDTH = 2;
    private static final TrainConfig CONFIG = TrainConfig.defaults().withBatchSize(4);

    private final TinyData data = TinyData.random(12, WIDTH);
    private final TinyModel model = new TinyModel(WIDTH, 0);

    @ParameterizedTest
    @CsvSource({
        "0.5,     NaN,   NaN,     NaN", // target without a value
        "0.5,     1e200, Infinity, finite", // the loss overflows
        "1e200,   1e150, finite, Infinity" // the gradient overflows
    })
    void refusesABatchThatIsNotFinite(double input, double target, String loss, String norm) throws Exception {
        var filesBefore = BestWeightsTest.files();
        List<double[]> before = new ArrayList<>();
        TrainListener poison = new TrainListener() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == 4) {
                    before.add(model.values());
                    for (int n = 0; n < 12; n++) {
                        data.inputs[n] = new double[] {input, input};
                        data.targets[n] = target;
                    }
                    if (input > 1) {
                        zeroParameters(before);
                    }
                }
            }
        };

        DivergenceException failure = catchThrowableOfType(
                DivergenceException.class, () -> new Trainer(CONFIG, poison).fit(model, data, () -> 1));

        assertThat(failure)
                .hasMessageContaining("diverged in epoch 2 at batch 2: loss and gradient norm must be finite");
        assertThat(failure)
                .hasMessageContaining(
                        "but are " + failure.loss() + " and " + failure.gradientNorm() + "; the parameters");
        assertThat(failure.epoch()).isEqualTo(2);
        assertThat(failure.batch()).isEqualTo(2);
        assertNumber(failure.loss(), loss);
        assertNumber(failure.gradientNorm(), norm);
        assertThat(model.values()).isEqualTo(before.get(0));
        assertThat(model.weight.gradient().toDoubleVector()).containsOnly(0);
        assertThat(model.bias.gradient().toDoubleVector()).containsOnly(0);
        assertThat(data.batches).allMatch(batch -> batch.closed);
        assertThat(BestWeightsTest.files()).isEqualTo(filesBefore);
    }

    @Test
    void aFailingValidationLeavesNoFile() throws Exception {
        var filesBefore = BestWeightsTest.files();
        List<Integer> filesMore = new ArrayList<>();
        Validation validation = () -> {
            try {
                filesMore.add(BestWeightsTest.files().size() - filesBefore.size());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (filesMore.size() == 2) {
                throw new IllegalStateException("no validation today");
            }
            return 1;
        };

        assertThatThrownBy(() -> new Trainer(CONFIG).fit(model, data, validation))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no validation today");
        assertThat(filesMore).containsExactly(0, 1);
        assertThat(BestWeightsTest.files()).isEqualTo(filesBefore);
    }

    @Test
    void aFailingModelLeavesZeroGradientsAndClosedBatches() {
        data.inputs[data.plan(12, Rng.derive(CONFIG.seed(), 0)).get(0)[11]] = new double[] {1, 2, 3};
        TrainConfig config = CONFIG.withBatchSize(12).withAccumulation(12);

        assertThatThrownBy(() -> new Trainer(config).fit(model, data, null)).isInstanceOf(RuntimeException.class);
        assertThat(data.batches).hasSize(12).allMatch(batch -> batch.closed);
        assertThat(model.values()).containsOnly(0);
        assertThat(model.weight.gradient().toDoubleVector()).containsOnly(0);
    }

    @Test
    void saysThatABatchCannotBeClosed() {
        data.failure = new IOException("stuck");

        assertThatThrownBy(() -> new Trainer(CONFIG).fit(model, data, null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("The batch could not be closed")
                .hasCause(data.failure);
        assertThat(model.values()).containsOnly(0);
        assertThat(model.weight.gradient().toDoubleVector()).containsOnly(0);
    }

    private void zeroParameters(List<double[]> before) {
        for (int i = 0; i < WIDTH; i++) {
            model.weight.value().putScalar(i, 0);
        }
        model.bias.value().putScalar(0, 0);
        before.set(0, model.values());
    }

    private static void assertNumber(double actual, String expected) {
        if (expected.equals("finite")) {
            assertThat(actual).isFinite();
        } else {
            assertThat(actual).isEqualTo(Double.valueOf(expected));
        }
    }
}
