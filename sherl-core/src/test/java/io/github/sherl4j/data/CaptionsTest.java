package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptionsTest {
    @TempDir
    Path folder;

    private Path write(String content) throws IOException {
        return Files.writeString(folder.resolve("captions.csv"), content);
    }

    @Test
    void rowsOfOneNameAreTextsOfOneVideo() throws IOException {
        Captions captions = Captions.csv(write("""
            caption,video,seconds
            a cat jumps,v2,3
            "a dog, a ball",v1,4
            the cat again,v2,3
            """), "video", "caption");
        assertThat(captions.names()).containsExactly("v2", "v1");
        assertThat(captions.owners()).containsExactly(0, 1, 0);
        assertThat(captions.texts()).containsExactly("a cat jumps", "a dog, a ball", "the cat again");
        try (TextTokenizer tokenizer = TinyTokenizer.load()) {
            assertThat(captions.tokenize(tokenizer, 5).size()).isEqualTo(3);
        }
    }

    @Test
    void anEmptyCaptionIsNamedByFileAndLine() throws IOException {
        Path file = write("video,caption\nv1,a cat\nv2,  \n");
        assertThatThrownBy(() -> Captions.csv(file, "video", "caption"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ", line 3 (record 2): column \"caption\" is empty");
        assertThatThrownBy(() -> new Captions.Caption("v1", ""))
                .hasMessage("v1: a caption must have a visible character, but is \"\"");
        assertThatThrownBy(() -> new Captions.Caption(" ", "a cat"))
                .hasMessage("name must have a visible character, but is \" \"");
    }

    @Test
    void refusesOtherColumnsNothingAndOtherBytes() throws IOException {
        Path file = write("video,text\nv1,a cat\n");
        assertThatThrownBy(() -> Captions.csv(file, "video", "caption"))
                .hasMessage(file + ": there is no column \"caption\"; its columns are \"video\", \"text\"");
        write("video,caption\n");
        assertThatThrownBy(() -> Captions.csv(file, "video", "caption"))
                .hasMessage(file + ": expected rows after the header, found none");
        Files.write(file, new byte[] {'v', ',', 'c', '\n', (byte) 0xff, ',', 'x', '\n'});
        assertThatThrownBy(() -> Captions.csv(file, "v", "c"))
                .hasMessage(file + ", line 2: expected UTF-8, found other bytes");
        assertThatThrownBy(() -> Captions.of(List.of())).hasMessage("captions must be at least one, but are none");
    }
}
