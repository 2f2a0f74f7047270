package io.github.sherl4j.layer;

/** How new linear layers start. Norms always start as the identity. */
public enum Initialization {
    /** PyTorch's default: weights and biases uniform in +-1/sqrt(inputs). */
    FRAMEWORK,
    /** Weights normally distributed with deviation 0.02, biases 0. */
    NORMAL_002,
    /** Weights normally distributed with deviation 0.01, biases 0. */
    NORMAL_001,
    /** Weights uniform in +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010), biases uniform in +-1/sqrt(inputs). */
    XAVIER_UNIFORM
}
