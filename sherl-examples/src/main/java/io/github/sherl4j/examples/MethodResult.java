package io.github.sherl4j.examples;

import java.util.OptionalDouble;

/**
 * What one method came to.
 *
 * @param method how the network was adapted
 * @param accuracy share of the test texts whose label was found, 0 to 1
 * @param f1 macro F1 on the test texts, 0 to 1
 * @param trainable number of parameters that learn
 * @param total number of all parameters
 * @param secondsPerStep median time of a training step
 * @param peakMb the most megabytes (10^6 bytes) of native arrays beyond weights and inputs while training
 * @param residentPeakMb by how many megabytes the process grew at most while training; empty where the system does not tell
 * @param epochs epochs run
 */
record MethodResult(
        Method method,
        double accuracy,
        double f1,
        long trainable,
        long total,
        double secondsPerStep,
        double peakMb,
        OptionalDouble residentPeakMb,
        int epochs) {}
