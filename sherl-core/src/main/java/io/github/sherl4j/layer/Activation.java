package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Gelu;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.QuickGelu;
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
    };

    /** {@code result = f(x)}; the result may be x itself. */
    abstract void apply(Memory memory, INDArray x, INDArray result);

    /** {@code gradient *= f'(x)}, x not modified. */
    abstract void gradient(Memory memory, INDArray x, INDArray gradient);
}
