package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageSubsetTest {
    /** Pictures of one pixel whose value is their number; the last one is damaged. */
    private static final ImageSource SIX = new ImageSource() {
        @Override
        public int size() {
            return 6;
        }

        @Override
        public List<String> labels() {
            return List.of("even", "odd");
        }

        @Override
        public int label(int index) {
            return index % 2;
        }

        @Override
        public String name(int index) {
            return "picture " + index;
        }

        @Override
        public Optional<Picture> picture(int index) {
            return index == 5
                    ? Optional.empty()
                    : Optional.of(Picture.of(name(index), label(index), 1, 1, 1, new byte[] {(byte) index}));
        }

        @Override
        public int skipped() {
            return 1;
        }
    };

    @Test
    void numbersSomePicturesAnew() {
        int[] indices = {4, 1, 5};
        ImageSubset subset = ImageSubset.of(SIX, indices);
        indices[0] = 0;

        assertThat(subset.size()).isEqualTo(3);
        assertThat(subset.labels()).containsExactly("even", "odd");
        assertThat(subset.label(1)).isEqualTo(1);
        assertThat(subset.name(0)).isEqualTo("picture 4");
        assertThat(subset.picture(0).orElseThrow().pixels()).containsExactly(4);
        assertThat(subset.picture(2)).isEmpty();
        assertThat(subset.skipped()).isEqualTo(1);
        assertThat(ImageSubset.first(SIX, 2).name(1)).isEqualTo("picture 1");
        assertThat(ImageSubset.first(SIX, 20).size()).isEqualTo(6);
    }

    @Test
    void dataGivesPicturesAsTheyAre() {
        ImageData data = ImageData.of(SIX, ImageTransform.square(1, PixelNorm.NONE));

        assertThat(data.picture(3).name()).isEqualTo("picture 3");
        assertThat(data.picture(5).name()).isEqualTo("picture 0");
        assertThat(data.transform()).isEqualTo(ImageTransform.square(1, PixelNorm.NONE));
        assertThatThrownBy(() -> data.picture(6)).hasMessage("index must be 0 to 5, but is 6");
    }

    @Test
    void refusesNoPicturesAndThoseThatAreNotThere() {
        assertThatThrownBy(() -> ImageSubset.of(SIX))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("indices must be at least one, but are none");
        assertThatThrownBy(() -> ImageSubset.of(SIX, 6)).hasMessage("index must be 0 to 5, but is 6");
        assertThatThrownBy(() -> ImageSubset.of(SIX, 1).name(1)).hasMessage("index must be 0 to 0, but is 1");
    }
}
