package io.github.sherl4j.barlow.view;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Two distorted views of each picture of a batch, row by row.
 *
 * @param first [batch, height, width, channels], in C order, owned by whoever made it
 * @param second in the same shape and type
 */
public record TwoViews(INDArray first, INDArray second) {
    /** Checks the shapes. */
    public TwoViews {
        Check.argument(
                first.rank() == 4,
                "first must be [batch, height, width, channels], but has shape %s",
                Arrays.toString(first.shape()));
        Check.shape("second", second, first.shape());
        Check.argument(
                second.dataType() == first.dataType(),
                "second must be %s like first, but is %s",
                first.dataType(),
                second.dataType());
        Check.argument(first.size(0) > 1, "first must have at least 2 pictures, but has %s", first.size(0));
    }

    /** Number of pictures. */
    public long size() {
        return first.size(0);
    }
}
