package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Gelu;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.QuickGelu;
import io.github.sherl4j.nd.TanhGelu;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The function between the two projections of a {@link FeedForward}, element by element. */
public enum Activation {
    /** The exact GELU of BERT and ViT. */
    GELU {
        @Override
        void apply(Memory memory, INDArray x, INDArray result) {
            Gelu.apply(memory, x, result);
        }

        @Override
        void gradient(Memory memory, INDArray x, INDArray gradient) {
            Gelu.gradient(memory, x, gradient);
        }
    },

    /** {@code max(x, 0)}, as in DETR. */
    RELU {
        @Override
        void apply(Memory memory, INDArray x, INDArray result) {
            memory.ops().relu(x, result);
        }

        @Override
        void gradient(Memory memory, INDArray x, INDArray gradient) {
            memory.ops().reluGradient(x, gradient, gradient);
        }
    },

    /** CLIP's {@code x sigmoid(1.702 x)}. */
    QUICK_GELU {
        @Override
        void apply(Memory memory, INDArray x, INDArray result) {
            QuickGelu.apply(memory, x, result);
        }

        @Override
        void gradient(Memory memory, INDArray x, INDArray gradient) {
            QuickGelu.gradient(memory, x, gradient);
        }
    },

    /** {@code x sigmoid(2 v)} with {@code v = sqrt(2 / pi) (x + 0.044715 x^3)}, of T5 v1.1. */
    TANH_GELU {
        @Override
        void apply(Memory memory, INDArray x, INDArray result) {
            TanhGelu.apply(memory, x, result);
        }

        @Override
        void gradient(Memory memory, INDArray x, INDArray gradient) {
            TanhGelu.gradient(memory, x, gradient);
        }
    };

    /** {@code result = f(x)}; the result may be x itself. */
    abstract void apply(Memory memory, INDArray x, INDArray result);

    /** {@code gradient *= f'(x)}, x not modified. */
    abstract void gradient(Memory memory, INDArray x, INDArray gradient);
}
