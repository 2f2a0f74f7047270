package io.github.sherl4j.loss;

import io.github.sherl4j.Golden;
import io.github.sherl4j.loss.TripletLoss.Negatives;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TripletLossGoldenTest {
    @ParameterizedTest
    @CsvSource({"triplet_max, DOUBLE", "triplet_max, FLOAT", "triplet_sum, DOUBLE", "triplet_sum, FLOAT"})
    void equalsTheReferenceInValueAndGradients(String file, DataType type) {
        try (Golden golden = new Golden(file, type);
                Memory memory = new Memory(type)) {
            boolean hardest = golden.metadata().get("max_violation").equalsIgnoreCase("true");
            TripletLoss.Options options =
                    new TripletLoss.Options(golden.real("margin"), hardest ? Negatives.HARDEST : Negatives.ALL);
            INDArray images = golden.array("input.image");
            INDArray texts = golden.array("input.text");
            double cotangent = golden.array("cotangent").getDouble(0);
            for (int round = 0; round < 3; round++) { // the arenas learn in the first and are warm in the third
                memory.reset();
                TripletLoss.Result result = TripletLoss.of(memory, images, texts, options, cotangent);
                golden.check("output", Nd4j.scalar(type, result.value()));
                golden.check("grad.input.image", result.gradImages());
                golden.check("grad.input.text", result.gradTexts());
            }
        }
    }
}
