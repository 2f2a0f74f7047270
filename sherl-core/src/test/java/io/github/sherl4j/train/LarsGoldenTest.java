package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.schedule.ISchedule;

class LarsGoldenTest {
    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void theOptimizerTakesTheReferencesSteps(DataType type) {
        try (Golden golden = new Golden("lars", type)) {
            double[] rates = rates(golden, "lr_weights");
            double[] vectorRates = rates(golden, "lr_biases");
            OptimizerConfig lars = new OptimizerConfig(
                    new Momentum(0, golden.real("momentum")),
                    golden.real("weight_decay"),
                    OptimizerConfig.Decay.IN_GRADIENT,
                    golden.real("eta"),
                    vectorRates[0] / rates[0]);
            Parameter weight = Parameter.weight("W", golden.array("W.0"));
            Parameter bias = Parameter.unregularized("b", golden.array("b.0"));
            TrainConfig config = TrainConfig.defaults().withClipNorm(0).withOptimizer(lars, rates[0]);
            try (ParameterGroups groups = new ParameterGroups(List.of(weight, bias));
                    Optimizer optimizer = new Optimizer(groups, config, new Listed(rates))) {
                for (int step = 0; step < rates.length; step++) {
                    weight.gradient().assign(golden.array("gW." + step));
                    bias.gradient().assign(golden.array("gb." + step));
                    optimizer.step(optimizer.gradientNorm(), step, 0);
                    golden.check("W." + (step + 1), weight.value());
                    golden.check("b." + (step + 1), bias.value());
                    optimizer.zeroGradients();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void soDoTheTypesForDl4jNetworks(DataType type) {
        try (Golden golden = new Golden("lars", type)) {
            double[] rates = rates(golden, "lr_weights");
            double[] vectorRates = rates(golden, "lr_biases");
            Lars lars = new Lars(golden.real("eta"), golden.real("weight_decay"));
            INDArray weight = golden.array("W.0");
            INDArray bias = golden.array("b.0").reshape(1, -1);
            GradientUpdater<?> weightUpdater = updater(golden, rates, weight);
            GradientUpdater<?> biasUpdater = updater(golden, vectorRates, bias);
            for (int step = 0; step < rates.length; step++) {
                INDArray weightGradient = golden.array("gW." + step);
                INDArray biasGradient = golden.array("gb." + step).reshape(1, -1);
                lars.apply(weight, weightGradient, rates[step], step, 0);
                weightUpdater.applyUpdater(weightGradient, step, 0);
                weight.subi(weightGradient);
                biasUpdater.applyUpdater(biasGradient, step, 0);
                bias.subi(biasGradient);
                golden.check("W." + (step + 1), weight);
                golden.check("b." + (step + 1), bias);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void theScheduleIsTheReferences(DataType type) {
        try (Golden golden = new Golden("lr_schedule", type)) {
            int steps = golden.number("epochs") * golden.number("steps_per_epoch");
            double base = golden.number("batch_size") / 256.0;
            RateShape shape = RateShape.warmUpCosine(golden.number("warmup_epochs"), 0.001);
            for (String kind : new String[] {"weights", "biases"}) {
                ISchedule schedule =
                        shape.over(base * golden.real("base_" + kind), golden.number("steps_per_epoch"), steps);
                INDArray rates = Nd4j.create(DataType.DOUBLE, steps);
                for (int i = 0; i < steps; i++) {
                    rates.putScalar(i, schedule.valueAt(i, 0));
                }
                assertThat(rates.getDouble(0)).isZero();
                golden.check(kind, rates);
            }
        }
    }

    private static GradientUpdater<?> updater(Golden golden, double[] rates, INDArray parameter) {
        Momentum momentum = new Momentum(new Listed(rates), golden.real("momentum"));
        INDArray state = Nd4j.createUninitialized(parameter.dataType(), 1, momentum.stateSize(parameter.length()));
        GradientUpdater<?> updater = momentum.instantiate(state, true);
        updater.setStateViewArray(state, parameter.shape(), 'c', true);
        return updater;
    }

    private static double[] rates(Golden golden, String key) {
        String list = Objects.requireNonNull(golden.metadata().get(key));
        return Arrays.stream(list.replaceAll("[\\[\\] ]", "").split(",", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** Rates step by step. */
    private static final class Listed implements ISchedule {
        private static final long serialVersionUID = 1;

        private final double[] rates;

        Listed(double[] rates) {
            this.rates = rates;
        }

        @Override
        public double valueAt(int iteration, int epoch) {
            return rates[iteration];
        }

        @Override
        public Listed clone() {
            return this;
        }
    }
}
