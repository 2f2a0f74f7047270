package io.github.sherl4j.backbone.dl4j;

import org.nd4j.autodiff.samediff.internal.memory.AbstractMemoryMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/** Frees each activation of a SameDiff run as soon as nobody needs it; SameDiff's own managers keep them for later or for ever. */
final class ClosingMemory extends AbstractMemoryMgr {
    @Override
    public INDArray allocate(boolean detached, DataType dataType, long... shape) {
        return Nd4j.createUninitialized(dataType, shape);
    }

    @Override
    public INDArray allocate(boolean detached, LongShapeDescriptor descriptor) {
        return Nd4j.create(descriptor, false);
    }

    @Override
    public void release(INDArray array) {
        if (!array.wasClosed() && array.closeable()) {
            array.close();
        }
    }

    @Override
    public void close() {
        // Everything was released when it was no longer needed.
    }
}
