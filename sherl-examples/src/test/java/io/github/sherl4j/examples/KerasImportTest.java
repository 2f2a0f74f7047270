package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.backbone.dl4j.GraphBackbone;
import io.github.sherl4j.backbone.dl4j.GraphCut;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.route.GraphModel;
import io.github.sherl4j.route.GraphTask;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainReport;
import io.github.sherl4j.train.Trainer;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A Keras network in HDF5, adapted and exported. Its pictures have their channels last. */
@DisabledOnOs(value = OS.MAC, architectures = "aarch64", disabledReason = "HDF5 has no natives for ARM Macs")
class KerasImportTest {
    @TempDir
    private Path folder;

    @Test
    void aKerasNetworkIsAdaptedAndExported() throws Exception {
        ComputationGraph keras = KerasModelImport.importKerasModelAndWeights(
                new File(Objects.requireNonNull(KerasImportTest.class.getResource("/keras/small-network.h5"))
                                .toURI())
                        .getPath(),
                false);
        // The file's first bias follows 36 numbers of the formula that make_small_network.py has.
        assertThat(keras.getVertex("stem").paramTable(false).get("b").getDouble(0))
                .isCloseTo(0.5 * Math.sin(37), within(1e-6));
        DataSet data = data();
        GraphBatch batch = GraphBatch.of(data);
        INDArray original = keras.outputSingle(data.getFeatures());
        try (GraphBackbone backbone = GraphBackbone.of(
                        keras, GraphCut.at("sum").tapping("stem", "half").upTo("last"));
                GraphModel model = GraphModel.sherl(backbone, batch, 2, GraphTask.CLASSES, 1)) {
            double before = model.accumulate(batch, 1, 1);
            TrainReport report = new Trainer(
                            TrainConfig.defaults().withEpochs(40).withPeakRate(0.1))
                    .fit(model, FashionData.iterator(List.of(data)), null);
            assertThat(report.losses().get(39)).isLessThan(0.5 * before);

            File file = folder.resolve("adapted.zip").toFile();
            model.export(keras).save(file);
            INDArray expected = model.output(batch);
            INDArray actual = ComputationGraph.load(file, true).outputSingle(data.getFeatures());
            assertThat(actual.distance2(expected)).isLessThan(1e-5);
        }
        assertThat(keras.outputSingle(data.getFeatures())).isEqualTo(original);
    }

    /** Pictures of three classes: bright on the left, on the right, or everywhere. */
    private static DataSet data() {
        INDArray pictures = Nd4j.create(DataType.FLOAT, 6, 8, 8, 1);
        INDArray labels = Nd4j.create(DataType.FLOAT, 6, 3);
        for (int i = 0; i < 6; i++) {
            int label = i % 3;
            double brightness = i < 3 ? 1 : 0.9;
            labels.putScalar(i, label, 1);
            for (int row = 0; row < 8; row++) {
                for (int column = 0; column < 8; column++) {
                    boolean bright = label == 2 || (column < 4) == (label == 0);
                    pictures.putScalar(new int[] {i, row, column, 0}, bright ? brightness : 0);
                }
            }
        }
        return new DataSet(pictures, labels);
    }
}
