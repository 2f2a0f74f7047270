package io.github.sherl4j.weights;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorProto;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/**
 * The weights of an ONNX model: the initializers of its main graph. They stay in the Java heap until the source is closed,
 * the rest of the model does not.
 *
 * <p>An initializer with a name keeps it, and its shape. PyTorch's exporter leaves the weights of Linear layers without
 * one ({@code onnx::MatMul_787}) and stores them as {@code [in, out]}: such a matrix is named after the {@code MatMul} that
 * uses it as second input, {@code /encoder/layer.0/attention/self/query/MatMul} giving
 * {@code encoder.layer.0.attention.self.query.weight}, and is presented transposed, as {@code [out, in]}, which is how
 * Linear weights stand in PyTorch's own files. One that no such node uses, or whose name would not be the only one, stays
 * as it is stored.
 *
 * <p>Types: FLOAT, FLOAT16, DOUBLE, INT64 and INT32; a tensor of another type has a name and a shape but cannot be read.
 * Sparse initializers are left out. Protocol buffers, and so these files, have at most 2 GB.
 */
public final class OnnxWeights implements WeightSource {

    private record Weight(OnnxTensor tensor, boolean transposed) {}

    private final String origin;
    private final Map<String, Weight> weights = new LinkedHashMap<>();
    private final RawBytes bytes = new RawBytes();
    private volatile boolean closed;

    private OnnxWeights(String origin, GraphProto graph) {
        this.origin = origin;
        Map<String, Set<String>> found = OnnxNames.ofAnonymousWeights(graph);
        for (TensorProto proto : graph.getInitializerList()) {
            OnnxTensor tensor = new OnnxTensor(proto, origin);
            Set<String> names = found.get(tensor.name());
            if (names == null) {
                add(tensor.name(), new Weight(tensor, false));
            } else {
                names.forEach(name -> add(name, new Weight(tensor, true)));
            }
        }
    }

    /**
     * Reads the weights of a file, which is closed again.
     *
     * @param file an ONNX file that holds all of its data
     * @return the weights, to be closed by the caller
     * @throws IllegalArgumentException if the file is cut short, malformed, or of another format
     * @throws IOException if the file does not exist or cannot be read
     */
    public static OnnxWeights open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(file + ": is a folder, expected an ONNX file");
        }
        if (Files.notExists(file)) {
            throw new NoSuchFileException(file.toString(), null, "no such file, expected an ONNX file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    /**
     * Reads the weights of a stream.
     *
     * @param in the bytes of an ONNX file, read to their end; not closed
     * @param origin what to call the stream in messages
     * @return the weights, to be closed by the caller
     * @throws IllegalArgumentException if the content is cut short, malformed, or of another format
     * @throws IOException if the stream cannot be read
     */
    public static OnnxWeights read(InputStream in, String origin) throws IOException {
        PushbackInputStream stream = new PushbackInputStream(new BufferedInputStream(in));
        int first = stream.read();
        if (first < 0) {
            throw new IllegalArgumentException(origin + ": is empty, expected an ONNX model");
        }
        stream.unread(first);
        ModelProto model = parse(stream, first, origin);
        if (!model.hasGraph()) {
            throw new IllegalArgumentException(origin + ": is no ONNX model");
        }
        if (model.getGraph().getInitializerCount() == 0) {
            throw new IllegalArgumentException(origin + ": holds no weights, the model's graph has no initializer");
        }
        return new OnnxWeights(origin, model.getGraph());
    }

    @Override
    public String origin() {
        return origin;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(weights.keySet());
    }

    @Override
    public long[] shape(String name) {
        Weight weight = weight(name);
        long[] shape = weight.tensor().shape();
        return weight.transposed() ? new long[] {shape[1], shape[0]} : shape;
    }

    @Override
    public DataType type(String name) {
        return weight(name).tensor().type();
    }

    @Override
    public INDArray read(String name, DataType as) {
        Weight weight = weight(name);
        OnnxTensor tensor = weight.tensor();
        INDArray stored = bytes.read(tensor.type(), tensor.shape(), as, tensor.source());
        if (!weight.transposed()) {
            return stored;
        }
        try (stored) {
            return RawBytes.copy(stored.transpose());
        }
    }

    @Override
    public void close() {
        closed = true;
        weights.clear();
    }

    private Weight weight(String name) {
        if (closed) {
            throw new IllegalStateException(origin + ": is closed");
        }
        return NearestNames.require(weights, name, origin);
    }

    private void add(String name, Weight weight) {
        if (weights.putIfAbsent(name, weight) != null) {
            throw new IllegalArgumentException(origin + ": holds two tensors of the name '" + name + "'");
        }
    }

    private static ModelProto parse(InputStream in, int first, String origin) throws IOException {
        CodedInputStream coded = CodedInputStream.newInstance(in);
        coded.setSizeLimit(Integer.MAX_VALUE);
        try {
            return ModelProto.parseFrom(coded);
        } catch (InvalidProtocolBufferException e) {
            // Writers put the field numbered 1, the version of the format, first: its tag is 8.
            String what = first == 8 ? "is cut short or damaged, it begins as an ONNX model does" : "is no ONNX model";
            throw new IllegalArgumentException(origin + ": " + what, e);
        }
    }
}
