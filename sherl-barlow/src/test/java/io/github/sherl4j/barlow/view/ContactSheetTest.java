package io.github.sherl4j.barlow.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.barlow.view.ContactSheet.Layout;
import io.github.sherl4j.barlow.view.ViewMaker.View;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.PixelNorm;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContactSheetTest {
    private static final long SEED = 6;

    @TempDir
    Path folder;

    private final ImageSource source = Photos.source(3);

    @Test
    void showsEveryViewPixelByPixel() throws IOException {
        ViewOptions views = ViewOptions.smallImages(32);
        Path file = folder.resolve("views.png");
        ContactSheet.write(file, source, views, 2, 3, SEED);
        BufferedImage sheet = ImageIO.read(file.toFile());
        Layout layout = Layout.of(32);
        assertThat(layout).isEqualTo(new Layout(3, 96));
        assertThat(sheet.getHeight()).isEqualTo(12 + 2 * (96 + 12));
        assertThat(sheet.getWidth()).isEqualTo(12 + 96 + 12 + 3 * (2 * 96 + 2 + 12));
        ViewMaker maker = new ViewMaker(views);
        for (int row = 0; row < 2; row++) {
            for (int pair = 0; pair < 3; pair++) {
                for (View view : View.values()) {
                    byte[] expected = maker.view(
                                    source.picture(row).orElseThrow(), view, ViewMaker.seed(SEED, pair, row, view))
                            .pixels();
                    int left = layout.viewLeft(pair, view);
                    int top = layout.rowTop(row);
                    for (int corner = 0; corner < 3; corner++) {
                        BufferedImage small = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
                        for (int i = 0; i < 32 * 32; i++) {
                            small.setRGB(
                                    i % 32,
                                    i / 32,
                                    sheet.getRGB(left + i % 32 * 3 + corner, top + i / 32 * 3 + corner));
                        }
                        assertThat(Photos.rgb(small)).isEqualTo(expected);
                    }
                }
            }
        }
        // The gaps are paper.
        assertThat(sheet.getRGB(layout.viewLeft(0, View.FIRST) + 96, 12) & 0xffffff)
                .isEqualTo(0xe6e6e6);
        assertThat(sheet.getRGB(0, 0) & 0xffffff).isEqualTo(0xe6e6e6);
        assertThat(folder.toFile().list()).containsExactly("views.png");
    }

    @Test
    void greyViewsAndFewerPicturesThanAskedFor() {
        ViewOptions grey = ViewOptions.smallImages(100).withNorm(PixelNorm.grey(0.5, 0.25));
        BufferedImage sheet = ContactSheet.draw(source, grey, 50, 1, SEED);
        assertThat(sheet.getHeight()).isEqualTo(12 + 3 * (100 + 12));
        int color = sheet.getRGB(Layout.of(100).viewLeft(0, View.FIRST) + 50, 60);
        assertThat(color >> 16 & 0xff).isEqualTo(color & 0xff);
    }

    @Test
    void refusesWhatCannotBeDrawn() {
        ViewOptions paper = ViewOptions.paper();
        assertThatThrownBy(() -> ContactSheet.draw(source, paper, 0, 1, 1))
                .hasMessage("pictures must be at least 1, but are 0");
        assertThatThrownBy(() -> ContactSheet.draw(source, paper, 1, 0, 1))
                .hasMessage("pairs must be at least 1, but are 0");
        assertThatThrownBy(() -> ContactSheet.draw(source, paper, 3, 1000, 1))
                .hasMessage("3 pictures with 1000 pairs of views of 224 pixels make a sheet of more than 100000000"
                        + " pixels: ask for fewer");
        Path file = folder.resolve("none/views.png");
        assertThatThrownBy(() -> ContactSheet.write(file, source, ViewOptions.paper(8), 1, 1, 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("its folder does not exist");
    }
}
