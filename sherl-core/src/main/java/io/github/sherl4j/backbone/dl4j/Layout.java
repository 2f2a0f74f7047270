package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Between a network's own states, which may have channels before positions, and states with channels last. */
public enum Layout {
    /** [batch, channels, positions...]: Deeplearning4j's default for grids and time series. */
    CHANNELS_FIRST {
        @Override
        public INDArray toChannelsLast(Memory memory, INDArray own) {
            if (own.rank() < 3) {
                return own;
            }
            int[] axes = new int[own.rank()];
            for (int i = 1; i < axes.length - 1; i++) {
                axes[i] = i + 1;
            }
            axes[axes.length - 1] = 1;
            return memory.permute(own, axes);
        }

        @Override
        public INDArray toOwn(Memory memory, INDArray channelsLast) {
            if (channelsLast.rank() < 3) {
                return channelsLast;
            }
            int[] axes = new int[channelsLast.rank()];
            axes[1] = channelsLast.rank() - 1;
            for (int i = 2; i < axes.length; i++) {
                axes[i] = i - 1;
            }
            return memory.permute(channelsLast, axes);
        }
    },
    /** [batch, positions..., channels]. */
    CHANNELS_LAST {
        @Override
        public INDArray toChannelsLast(Memory memory, INDArray own) {
            return own;
        }

        @Override
        public INDArray toOwn(Memory memory, INDArray channelsLast) {
            return channelsLast;
        }
    };

    /** A view of one of the network's states with channels last. */
    public abstract INDArray toChannelsLast(Memory memory, INDArray own);

    /** A view of a state with channels last as the network has it. */
    public abstract INDArray toOwn(Memory memory, INDArray channelsLast);
}
