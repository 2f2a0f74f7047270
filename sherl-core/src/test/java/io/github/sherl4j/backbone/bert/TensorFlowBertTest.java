package io.github.sherl4j.backbone.bert;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.weights.TensorFlowBundle;
import io.github.sherl4j.weights.TensorFlowFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class TensorFlowBertTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "module/"})
    void givesTheSameNetworkAsItsTensorsUnderHuggingFaceNames(String prefix) throws IOException {
        try (BertBackbone made = TinyBert.of(DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            for (Parameter parameter : made.parameters()) {
                INDArray value = parameter.value();
                String name = prefix + googles(parameter.name());
                tensors.put(name, name.endsWith("/kernel") ? value.transpose().dup('c') : value);
            }
            tensors.put(prefix + "bert/pooler/dense/kernel", TestArrays.normal(DataType.FLOAT, 1, 4, 4));
            tensors.put(prefix + "cls/predictions/output_bias", TestArrays.normal(DataType.FLOAT, 2, 48));
            tensors.put("bert/encoder/layer_0/output/dense/kernel/adam_m", TestArrays.normal(DataType.FLOAT, 3, 2, 2));
            try (TensorFlowBert source =
                            new TensorFlowBert(TensorFlowBundle.open(TensorFlowFiles.write(folder, tensors)));
                    BertBackbone loaded = BertBackbone.load(made.config(), source, null, DataType.FLOAT)) {
                assertThat(source.names())
                        .contains("cls.predictions.bias", "bert/encoder/layer_0/output/dense/kernel/adam_m");
                for (int i = 0; i < made.parameters().size(); i++) {
                    assertThat(numbers(loaded.parameters().get(i).value()))
                            .as(loaded.parameters().get(i).name())
                            .isEqualTo(numbers(made.parameters().get(i).value()));
                }
            }
        }
    }

    private static String googles(String name) {
        String path = "bert/" + name.replace('.', '/').replaceFirst("/layer/(\\d+)/", "/layer_$1/");
        if (path.contains("LayerNorm")) {
            return path.replace("/weight", "/gamma").replace("/bias", "/beta");
        }
        return path.endsWith("_embeddings/weight")
                ? path.substring(0, path.length() - "/weight".length())
                : path.replace("/weight", "/kernel");
    }
}
