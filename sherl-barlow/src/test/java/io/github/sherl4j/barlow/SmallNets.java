package io.github.sherl4j.barlow;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/** Networks that are computed in no time. */
public final class SmallNets {
    /** Two stages of one block, with a stem for small pictures. */
    public static final ResNetConfig TINY =
            ResNetConfig.resNet18().withSizes(List.of(1, 1), 3, List.of(3, 4)).withStem(ResNetConfig.Stem.SMALL);

    private SmallNets() {}

    public static BarlowModel model(DataType type, LossOptions options, int part) {
        return BarlowModel.of(ResNetBackbone.random(TINY, type, 5), List.of(6, 5), options, part, 7);
    }
}
