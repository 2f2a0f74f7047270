package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpriteSheetTest {
    @TempDir
    Path folder;

    private Path sheet;

    @BeforeEach
    void drawASheet() throws IOException {
        BufferedImage image = new BufferedImage(5, 4, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 20; i++) {
            image.setRGB(i % 5, i / 5, i);
        }
        sheet = Files.write(folder.resolve("sheet.png"), Pictures.encoded("png", image));
    }

    @Test
    void cutsTheCellsOut() throws IOException {
        Path cells = table("""
            name,label,x,y,width,height
            sun,sky,1,2,3,2
            car,road,0,0,1,1
            moon,sky,4,0,1,4
            x,,0,0,2,2
            """);
        SpriteSheet sprites = SpriteSheet.read(sheet, cells);
        assertThat(sprites.size()).isEqualTo(4);
        assertThat(sprites.labels()).containsExactly("road", "sky");
        Picture sun = sprites.picture(0).orElseThrow();
        assertThat(sun.name()).isEqualTo("sun");
        assertThat(sun.label()).isEqualTo(1);
        assertThat(Pictures.unsigned(sun.pixels()))
                .containsExactly(0, 0, 11, 0, 0, 12, 0, 0, 13, 0, 0, 16, 0, 0, 17, 0, 0, 18);
        assertThat(sprites.picture(2).orElseThrow().height()).isEqualTo(4);
        assertThat(sprites.label(3)).isEqualTo(Picture.NO_LABEL);
        assertThat(sprites.skipped()).isZero();
    }

    @Test
    void labelsAreOptional() throws IOException {
        SpriteSheet sprites = SpriteSheet.read(sheet, table("height,width,y,x,name\n2,3,2,1,sun\n"));
        assertThat(sprites.labels()).isEmpty();
        assertThat(sprites.label(0)).isEqualTo(Picture.NO_LABEL);
        assertThat(sprites.picture(0).orElseThrow().width()).isEqualTo(3);
    }

    @Test
    void namesTheLineOfAWrongCell() throws IOException {
        assertRefused(
                "sun,1,2,5,2",
                ", line 2 (record 1): the cell of 5 x 2 at (1, 2) lies outside of the sheet, which is 5 x 4");
        assertRefused(
                "sun,1,2,0,2", ", line 2 (record 1): column \"width\" is \"0\": expected a whole number from 1 on");
        assertRefused("sun,-1,2,1,2", ", line 2 (record 1): column \"x\" is \"-1\": expected a whole number from 0 on");
        assertRefused(
                "sun,1,two,1,2", ", line 2 (record 1): column \"y\" is \"two\": expected a whole number from 0 on");
        assertRefused("sun,0,0,1,1\nsun,1,1,1,1", ", line 3 (record 2): the name \"sun\" comes twice");
        assertRefused("sun,0,0,1", ", line 2 (record 1): expected 5 fields, found 4");
        assertRefused(",0,0,1,1", ", line 2 (record 1): column \"name\" is empty");
        assertRefused("", ": expected rows after the header, found none");
        Path noColumn = table("name,x,y,width\nsun,0,0,1\n");
        assertThatThrownBy(() -> SpriteSheet.read(sheet, noColumn))
                .hasMessage(noColumn
                        + ": there is no column \"height\"; its columns are \"name\", \"x\", \"y\", \"width\"");
    }

    @Test
    void refusesADamagedSheet() throws IOException {
        Path broken = Files.write(folder.resolve("broken.png"), new byte[] {1, 2});
        Path cells = table("name,x,y,width,height\nsun,0,0,1,1\n");
        assertThatThrownBy(() -> SpriteSheet.read(broken, cells))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(broken + ": cannot be decoded: expected PNG, JPEG, GIF or BMP, found other content");
    }

    private void assertRefused(String rows, String message) throws IOException {
        Path cells = table("name,x,y,width,height\n" + rows + "\n");
        assertThatThrownBy(() -> SpriteSheet.read(sheet, cells))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(cells + message);
    }

    private Path table(String text) throws IOException {
        return Files.writeString(folder.resolve("cells.csv"), text);
    }
}
