package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** LARS and heavy-ball momentum in ND4J's types. */
class LarsTest {
    private static final double ETA = 0.01;
    private static final double DECAY = 0.1;
    private static final double MOMENTUM = 0.9;

    @Test
    void trainsADl4jNetworkByTheFormula() {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration());
        network.init();
        INDArray x = Nd4j.createFromArray(new double[][] {{1, 2, -1}, {0.5, -1, 3}, {2, 0, 1}});
        INDArray y = Nd4j.createFromArray(new double[][] {{1, 0}, {0, 1}, {1, 0}});
        Map<String, Slow> slow = new TreeMap<>();
        slow.put("0_W", new Slow(true, 0.5));
        slow.put("0_b", new Slow(false, 0.25));
        slow.put("1_gamma", new Slow(false, 0.5));
        slow.put("1_beta", new Slow(false, 0.5));
        for (int step = 0; step < 3; step++) {
            network.setInput(x);
            network.setLabels(y);
            network.computeGradientAndScore();
            // DL4J's updater takes the mean over the batch of these sums.
            Map<String, INDArray> gradients = network.gradient().gradientForVariable();
            Map<String, double[]> expected = new TreeMap<>();
            for (String name : slow.keySet()) {
                double[] gradient = values(gradients.get(name).div(x.size(0)));
                expected.put(name, slow.get(name).step(values(network.getParam(name)), gradient, step));
            }

            network.fit(x, y);

            for (String name : slow.keySet()) {
                assertThat(values(network.getParam(name))).as(name).containsExactly(expected.get(name), within(1e-12));
            }
        }
    }

    /** One parameter's rule, number by number. */
    private static final class Slow {
        private final boolean adapts;
        private final double peak;
        private double[] velocity = {};

        Slow(boolean adapts, double peak) {
            this.adapts = adapts;
            this.peak = peak;
        }

        double[] step(double[] parameter, double[] gradient, int step) {
            double[] g = gradient.clone();
            if (adapts) {
                for (int i = 0; i < g.length; i++) {
                    g[i] += DECAY * parameter[i];
                }
                double ratio = ETA * norm(parameter) / norm(g);
                for (int i = 0; i < g.length; i++) {
                    g[i] *= ratio;
                }
            }
            velocity = velocity.length == 0 ? new double[g.length] : velocity;
            double[] next = parameter.clone();
            for (int i = 0; i < g.length; i++) {
                velocity[i] = MOMENTUM * velocity[i] + g[i];
                next[i] -= rate(peak, step) * velocity[i];
            }
            return next;
        }
    }

    @Test
    void isWrittenToJsonAndReadAsNd4jsOwnTypesAre() {
        MultiLayerConfiguration configuration = configuration();

        MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(configuration.toJson());

        assertThat(read).isEqualTo(configuration);
        DenseLayer layer = (DenseLayer) read.getConf(0).getLayer();
        assertThat(layer.getRegularization()).containsExactly(new Lars(ETA, DECAY));
        assertThat(layer.getIUpdater()).isEqualTo(new Momentum(new WarmUpCosineSchedule(0.5, 0, 2, 4), MOMENTUM));
        assertThat(layer.getBiasUpdater()).isEqualTo(new Momentum(new WarmUpCosineSchedule(0.25, 0, 2, 4), MOMENTUM));
        MultiLayerNetwork constant = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Momentum(0.5, MOMENTUM))
                .list()
                .layer(new OutputLayer.Builder().nIn(2).nOut(2).build())
                .build());
        constant.init();
        assertThat(MultiLayerConfiguration.fromJson(
                        constant.getLayerWiseConfigurations().toJson()))
                .isEqualTo(constant.getLayerWiseConfigurations());
        assertThat(constant.getLearningRate(0)).isEqualTo(0.5);
    }

    @Test
    void decaysThenScalesToAShareOfTheWeightsLength() {
        Lars lars = new Lars(ETA, DECAY);
        INDArray weight = Nd4j.ones(DataType.DOUBLE, 4, 1);
        INDArray gradient = Nd4j.zeros(DataType.DOUBLE, 4, 1);
        lars.apply(weight, gradient, 1, 0, 0);
        // Decay alone makes a gradient of length 0.2; the ratio makes it 0.01 * 2.
        assertThat(values(gradient)).containsExactly(new double[] {0.01, 0.01, 0.01, 0.01}, within(1e-15));
        assertThat(lars.score(weight, 0, 0)).isCloseTo(0.2, within(1e-15));
        assertThat(lars.applyStep()).isEqualTo(Regularization.ApplyStep.BEFORE_UPDATER);
    }

    @Test
    void withoutANormTheGradientKeepsItsLength() {
        Lars lars = new Lars(ETA, 0);
        INDArray zero = Nd4j.zeros(DataType.FLOAT, 2, 2);
        INDArray gradient = Nd4j.ones(DataType.FLOAT, 2, 2);
        lars.apply(zero, gradient, 1, 0, 0);
        assertThat(values(gradient)).containsOnly(1);
        lars.apply(gradient, zero, 1, 0, 0);
        assertThat(values(zero)).containsOnly(0);
    }

    @Test
    void momentumKeepsItsStateUnderOneName() {
        Momentum config = new Momentum(0.5, 0.5);
        INDArray state = Nd4j.createFromArray(1.0, 2.0);
        GradientUpdater<Momentum> updater = config.instantiate(Map.of("V", state), false);
        INDArray gradient = Nd4j.createFromArray(4.0, 0.0);

        updater.applyUpdater(gradient, 0, 0);

        assertThat(values(gradient)).containsExactly(2.25, 0.5);
        assertThat(values(state)).containsExactly(4.5, 1);
        assertThat(updater.getState()).containsOnlyKeys("V");
        assertThat(updater.getState().get("V")).isSameAs(state);
        assertThat(updater.getConfig()).isSameAs(config);
        assertThatThrownBy(() -> config.instantiate(Map.of("M", state), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The state must have V alone, but has [M]");
    }

    @Test
    void copiesAreEqualAndApart() {
        Momentum config = new Momentum(0.5, 0.25);
        Momentum copy = config.clone();
        assertThat(copy).isEqualTo(config).hasSameHashCodeAs(config).hasToString(config.toString());
        copy.setLrAndSchedule(0.1, null);
        assertThat(copy).isNotEqualTo(config);
        assertThat(config.getLearningRate(3, 0)).isEqualTo(0.5);
        assertThat(config.hasLearningRate()).isTrue();
        assertThat(new Lars(1, 0))
                .isEqualTo(new Lars(1, 0))
                .isNotEqualTo(new Lars(1, 1))
                .hasSameHashCodeAs(new Lars(1, 0));
    }

    @Test
    void refusesImpossibleNumbers() {
        assertRefused(() -> new Momentum(0.1, 1), "momentum must be from 0 to less than 1, but is 1.0");
        assertRefused(() -> new Momentum(-1, 0.5), "learningRate must be finite and not negative, but is -1.0");
        assertRefused(() -> new Lars(0, 0.5), "eta must be positive and finite, but is 0.0");
        assertRefused(() -> new Lars(1, -0.5), "weightDecay must be finite and not negative, but is -0.5");
        assertRefused(() -> OptimizerConfig.lars().withTrust(-1), "trust must be finite and not negative, but is -1.0");
        assertRefused(
                () -> OptimizerConfig.lars().withVectorRate(0), "vectorRate must be positive and finite, but is 0.0");
        assertRefused(
                () -> new WarmUpCosineSchedule(1, 2, 0, 1), "end must be from 0 to the peak rate 1.0, but is 2.0");
        assertRefused(() -> new WarmUpCosineSchedule(1, 0, 2, 1), "warmUp must be from 0 to steps = 1, but is 2");
        assertRefused(() -> new WarmUpCosineSchedule(1, 0, 0, 0), "steps must be positive, but is 0");
        assertRefused(() -> RateShape.warmUpCosine(-1, 0), "warmUpEpochs must not be negative, but is -1");
    }

    private static MultiLayerConfiguration configuration() {
        return new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.DOUBLE)
                .updater(new Momentum(new WarmUpCosineSchedule(0.5, 0, 2, 4), MOMENTUM))
                .biasUpdater(new Momentum(new WarmUpCosineSchedule(0.25, 0, 2, 4), MOMENTUM))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(3)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .regularization(List.of(new Lars(ETA, DECAY)))
                        .build())
                .layer(new BatchNormalization.Builder().nIn(4).nOut(4).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(4)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .build();
    }

    private static double rate(double peak, int step) {
        return new double[] {0, peak / 2, peak, peak / 2}[step];
    }

    private static double[] values(INDArray array) {
        return array.dup('c').reshape(-1).toDoubleVector();
    }

    private static double norm(double[] numbers) {
        double sum = 0;
        for (double number : numbers) {
            sum += number * number;
        }
        return Math.sqrt(sum);
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
