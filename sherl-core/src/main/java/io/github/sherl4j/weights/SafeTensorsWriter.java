package io.github.sherl4j.weights;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.core.JsonFactory;
import org.nd4j.shade.jackson.core.JsonGenerator;

/** Writes one safetensors file; {@link SafeTensors} describes the format, and promises the order and the padding. */
final class SafeTensorsWriter {

    private static final JsonFactory JSON = new JsonFactory();

    private record Tensor(String name, SafeTensorsType type, INDArray array) {

        static Tensor of(@Nullable String name, @Nullable INDArray array) {
            if (name == null || name.equals(SafeTensorsHeader.METADATA)) {
                throw new IllegalArgumentException("tensors: '" + name + "' cannot be the name of a tensor");
            }
            if (array == null || array.wasClosed()) {
                throw new IllegalArgumentException(
                        "tensors: array '" + name + "' is " + (array == null ? "null" : "closed"));
            }
            @Nullable SafeTensorsType type = SafeTensorsType.of(array.dataType());
            if (type == null) {
                throw new IllegalArgumentException("tensors: array '%s' is of type %s, expected one of %s"
                        .formatted(name, array.dataType(), SafeTensorsType.knownInNd()));
            }
            return new Tensor(name, type, array);
        }

        /** ND4J's empty array without a shape would read as a scalar, which has one element. */
        long[] shape() {
            return array.isEmpty() && array.rank() == 0 ? new long[] {0} : array.shape();
        }

        long bytes() {
            return array.isEmpty() ? 0 : array.length() * type.width();
        }
    }

    private final Path file;
    private final List<Tensor> tensors = new ArrayList<>();
    private final byte[] header;
    private final RawBytes bytes = new RawBytes();

    SafeTensorsWriter(Path file, Map<String, INDArray> arrays, Map<String, String> metadata) {
        this.file = file.toAbsolutePath();
        arrays.forEach((name, array) -> tensors.add(Tensor.of(name, array)));
        tensors.sort(Comparator.comparingInt((Tensor tensor) -> -tensor.type().width())
                .thenComparing(Tensor::name));
        this.header = header(metadata);
        if (header.length > SafeTensorsHeader.MAX_LENGTH) {
            throw new IllegalArgumentException("tensors: the names and metadata take %d bytes, the format allows %d"
                    .formatted(header.length, SafeTensorsHeader.MAX_LENGTH));
        }
    }

    void write() throws IOException {
        AtomicFile.write(file, this::writeTo);
    }

    private void writeTo(FileChannel channel) throws IOException {
        ByteBuffer prefix = ByteBuffer.allocate(SafeTensorsHeader.PREFIX).order(ByteOrder.LITTLE_ENDIAN);
        AtomicFile.writeFully(channel, prefix.putLong(header.length).flip());
        AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
        for (Tensor tensor : tensors) {
            bytes.write(tensor.array(), piece -> AtomicFile.writeFully(channel, piece));
        }
    }

    private byte[] header(Map<String, String> metadata) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                writeMetadata(json, metadata);
            }
            long offset = 0;
            for (Tensor tensor : tensors) {
                json.writeObjectFieldStart(tensor.name());
                json.writeStringField("dtype", tensor.type().name());
                writeNumbers(json, "shape", tensor.shape());
                writeNumbers(json, "data_offsets", offset, Math.addExact(offset, tensor.bytes()));
                json.writeEndObject();
                offset += tensor.bytes();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text.getBuffer()));
            byte[] padded = new byte[(encoded.remaining() + Long.BYTES - 1) / Long.BYTES * Long.BYTES];
            Arrays.fill(padded, (byte) ' ');
            encoded.get(padded, 0, encoded.remaining());
            return padded;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("tensors: a name or metadata string is no valid Unicode text", e);
        }
    }

    private static void writeMetadata(JsonGenerator json, Map<String, String> metadata) throws IOException {
        json.writeObjectFieldStart(SafeTensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
            if (entry.getValue() == null) {
                throw new IllegalArgumentException("metadata: the value of '" + entry.getKey() + "' is null");
            }
            json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
    }

    private static void writeNumbers(JsonGenerator json, String name, long... numbers) throws IOException {
        json.writeArrayFieldStart(name);
        for (long number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }
}
