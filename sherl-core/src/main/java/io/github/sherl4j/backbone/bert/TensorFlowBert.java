package io.github.sherl4j.backbone.bert;

import io.github.sherl4j.weights.WeightSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A BERT as Google's own TensorFlow code stores it, under Hugging Face's names: {@code bert/encoder/layer_0/output/dense/kernel} [in,
 * out] is {@code bert.encoder.layer.0.output.dense.weight} [out, in], {@code gamma} and {@code beta} are a norm's {@code weight} and
 * {@code bias}. In modules of TensorFlow Hub names begin with {@code module/}, which is left out. What belongs to an optimizer, and all that is not of a BERT, keeps its name.
 */
public final class TensorFlowBert implements WeightSource {
    private static final String KERNEL = "/kernel";
    private static final String MODULE = "module/";

    private final WeightSource stored;
    private final Map<String, String> storedNames = new LinkedHashMap<>();

    /**
     * Renames.
     *
     * @param stored the checkpoint; closed with this
     */
    public TensorFlowBert(WeightSource stored) {
        this.stored = stored;
        stored.names().forEach(name -> storedNames.put(renamed(name), name));
    }

    private static String renamed(String name) {
        String own = name.startsWith(MODULE) ? name.substring(MODULE.length()) : name;
        boolean ofBert = own.startsWith("bert/") || own.startsWith("cls/");
        if (!ofBert || own.contains("/adam_")) {
            return name;
        }
        String parted = own.replaceFirst("/layer_(\\d+)/", "/layer/$1/");
        String end = parted.substring(parted.lastIndexOf('/') + 1);
        String parent = parted.substring(0, parted.length() - end.length());
        String renamed = switch (end) {
            case "kernel", "gamma" -> "weight";
            case "beta", "output_bias" -> "bias";
            case "word_embeddings", "position_embeddings", "token_type_embeddings" -> end + ".weight";
            default -> end;
        };
        return (parent + renamed).replace('/', '.');
    }

    private String storedName(String name) {
        return storedNames.getOrDefault(name, name);
    }

    @Override
    public String origin() {
        return stored.origin();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(storedNames.keySet());
    }

    @Override
    public long[] shape(String name) {
        long[] shape = stored.shape(storedName(name));
        return isTransposed(name) ? new long[] {shape[1], shape[0]} : shape;
    }

    @Override
    public DataType type(String name) {
        return stored.type(storedName(name));
    }

    @Override
    public INDArray read(String name, DataType as) {
        INDArray array = stored.read(storedName(name), as);
        if (!isTransposed(name)) {
            return array;
        }
        try (array) {
            INDArray transposed = Nd4j.createUninitialized(as, array.size(1), array.size(0));
            transposed.assign(array.transpose());
            return transposed;
        }
    }

    private boolean isTransposed(String name) {
        String storedName = storedName(name);
        return !storedName.equals(name) && storedName.endsWith(KERNEL) && stored.shape(storedName).length == 2;
    }

    @Override
    public void close() {
        stored.close();
    }
}
