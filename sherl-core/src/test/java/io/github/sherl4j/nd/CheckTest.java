package io.github.sherl4j.nd;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class CheckTest {
    private final INDArray array = Nd4j.create(DataType.FLOAT, 2, 3, 4);

    @Test
    void argumentFailsWithItsSentence() {
        assertThatCode(() -> Check.argument(true, "unused %s", 1)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Check.argument(false, "width must be %s, but is %s", 3, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("width must be 3, but is null");
    }

    @Test
    void shapeComparesRankAndSizes() {
        assertThatCode(() -> Check.shape("x", array, 2, 3, 4)).doesNotThrowAnyException();
        assertThatCode(() -> Check.shape("x", array, Check.ANY, 3, Check.ANY)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Check.shape("x", array, 2, 3, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("x must have shape [2, 3, 5], but has [2, 3, 4]");
        assertThatThrownBy(() -> Check.shape("x", array, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("x must have shape [2, 3], but has [2, 3, 4]");
        assertThatThrownBy(() -> Check.shape("x", array, Check.ANY, 4, Check.ANY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("x must have shape [*, 4, *], but has [2, 3, 4]");
    }

    @Test
    void widthComparesTheLastSize() {
        assertThatCode(() -> Check.width("x", array, 4)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Check.width("x", array, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("x must be [..., 3], but has shape [2, 3, 4]");
        assertThatThrownBy(() -> Check.width("x", Nd4j.scalar(1f), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("x must be [..., 1], but has shape []");
    }
}
