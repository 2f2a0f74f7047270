package io.github.sherl4j.backbone;

import io.github.sherl4j.layer.Parameter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SHA-256 over a network's description, the names and shapes of its tensors and up to 64 evenly spaced numbers of each. Any
 * training changes almost every number, so a sample tells checkpoints apart, in milliseconds.
 */
public final class Fingerprint {
    private static final int SAMPLES = 64;

    private Fingerprint() {}

    /** The digest in hexadecimal. */
    public static String of(String description, List<Parameter> parameters) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
        digest.update(description.getBytes(StandardCharsets.UTF_8));
        for (Parameter parameter : parameters) {
            INDArray value = parameter.value();
            digest.update((parameter.name() + Arrays.toString(value.shape())).getBytes(StandardCharsets.UTF_8));
            long length = value.length();
            int samples = (int) Math.min(SAMPLES, length);
            ByteBuffer numbers = ByteBuffer.allocate(samples * Float.BYTES);
            for (int i = 0; i < samples; i++) {
                numbers.putFloat(value.getFloat(length * i / samples));
            }
            digest.update(numbers.array());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
