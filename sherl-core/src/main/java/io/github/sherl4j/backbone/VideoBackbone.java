package io.github.sherl4j.backbone;

import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.VideoBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network of pictures that reads videos frame by frame, as the paper's video system lets CLIP do: its samples are frames, and
 * the context says which video each one belongs to. Closing it closes the network.
 */
public final class VideoBackbone implements FeatureBackbone<VideoBatch> {
    private final FeatureBackbone<ImageBatch> pictures;

    /** @param pictures reads one frame; owned by this backbone from now on */
    public VideoBackbone(FeatureBackbone<ImageBatch> pictures) {
        this.pictures = pictures;
    }

    private record FrameStem(Stem<ImageBatch> stem) implements Stem<VideoBatch> {
        @Override
        public void infer(VideoBatch batch, Context context, INDArray result) {
            stem.infer(batch.frames(), context, result);
        }

        @Override
        public StemStep forward(VideoBatch batch, Context context, INDArray result) {
            return stem.forward(batch.frames(), context, result);
        }
    }

    @Override
    public Stem<VideoBatch> stem() {
        return new FrameStem(pictures.stem());
    }

    @Override
    public List<Layer> blocks() {
        return pictures.blocks();
    }

    @Override
    public long[] stateShape(VideoBatch batch) {
        return pictures.stateShape(batch.frames());
    }

    @Override
    public long width() {
        return pictures.width();
    }

    @Override
    public long width(int index) {
        return pictures.width(index);
    }

    @Override
    public DataType type() {
        return pictures.type();
    }

    @Override
    public Context context(Memory memory, VideoBatch batch, OptionalLong seed) {
        Context context = pictures.context(memory, batch.frames(), seed);
        INDArray shares = memory.step().array(batch.shares().shape());
        memory.ops().copy(batch.shares(), shares);
        return context.withSampleShares(shares);
    }

    @Override
    public long featureWidth() {
        return pictures.featureWidth();
    }

    @Override
    public void feature(INDArray lastState, Context context, INDArray result) {
        pictures.feature(lastState, context, result);
    }

    @Override
    public LayerStep featureForward(INDArray lastState, Context context, INDArray result) {
        return pictures.featureForward(lastState, context, result);
    }

    @Override
    public List<Parameter> parameters() {
        return pictures.parameters();
    }

    @Override
    public List<Parameter> buffers() {
        return pictures.buffers();
    }

    /** That of the network: what was trained on pictures may be used on videos, and the other way round. */
    @Override
    public String fingerprint() {
        return pictures.fingerprint();
    }

    @Override
    public void close() {
        pictures.close();
    }
}
