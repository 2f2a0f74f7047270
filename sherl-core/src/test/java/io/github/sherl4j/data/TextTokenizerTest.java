package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class TextTokenizerTest {

    private TextTokenizer tokenizer;

    @BeforeEach
    void load() throws IOException {
        tokenizer = TinyTokenizer.load();
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void addsSpecialTokensAndCutsWords() {
        TokenizedText text = tokenizer.encode("Unbelievable, the CATS!", null, 32);

        assertThat(text.ids()).containsExactly(2, 34, 35, 36, 42, 5, 24, 29, 43, 3);
        assertThat(text.types()).containsOnly(0);
    }

    @Test
    void aPairGetsItsOwnType() {
        TokenizedText text = tokenizer.encode("you won", "a prize .", 32);

        assertThat(text.ids()).containsExactly(2, 8, 10, 3, 6, 11, 41, 3);
        assertThat(text.types()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1);
    }

    @Test
    void theFilesOwnTruncationAndPaddingAreIgnored() {
        assertThat(tokenizer.encode("you", null, 32).length()).isEqualTo(3);
        assertThat(tokenizer.encode("you won a prize now call", null, 32).length())
                .isEqualTo(8);
    }

    @Test
    void aLongTextLosesItsEnd() {
        assertThat(tokenizer.encode("you won a prize", null, 5).ids()).containsExactly(2, 8, 10, 6, 3);
        assertThat(tokenizer.encode("you won a prize", null, 6).ids()).containsExactly(2, 8, 10, 6, 11, 3);
    }

    @Test
    void longestFirstIsHandWorked() {
        assertThat(TextTokenizer.longestFirst(4, 4, 7)).containsExactly(3, 4);
        assertThat(TextTokenizer.longestFirst(8, 4, 7)).containsExactly(4, 3);
        assertThat(TextTokenizer.longestFirst(2, 8, 7)).containsExactly(2, 5);
        assertThat(TextTokenizer.longestFirst(8, 2, 7)).containsExactly(5, 2);
        assertThat(TextTokenizer.longestFirst(0, 8, 7)).containsExactly(0, 7);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7, 8, 11, 12})
    void truncatesPairsAsTheNativeLibraryDoes(int maxLength) throws IOException {
        try (HuggingFaceTokenizer truncating = TinyTokenizer.truncatingTo(maxLength)) {
            for (int first = 1; first <= 9; first++) {
                for (int second = 1; second <= 9; second++) {
                    Encoding expected = truncating.encode(words(first), words(second));
                    TokenizedText text = tokenizer.encode(words(first), words(second), maxLength);
                    assertThat(Arrays.stream(text.ids()).asLongStream().toArray())
                            .as("%d and %d tokens", first, second)
                            .isEqualTo(expected.getIds());
                    assertThat(Arrays.stream(text.types()).asLongStream().toArray())
                            .as("types of %d and %d tokens", first, second)
                            .isEqualTo(expected.getTypeIds());
                }
            }
        }
    }

    @Test
    void truncationIsReportedOnce() {
        Logger logger = (Logger) LoggerFactory.getLogger(TextTokenizer.class);
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.addAppender(events);
        try {
            tokenizer.encode("you won", null, 4);
            assertThat(events.list).isEmpty();
            tokenizer.encode("you won a prize", null, 4);
            tokenizer.encode("you won a free prize", null, 4);
        } finally {
            logger.detachAppender(events);
        }

        assertThat(events.list).hasSize(1);
        assertThat(events.list.get(0).getLevel()).isEqualTo(Level.WARN);
        assertThat(events.list.get(0).getFormattedMessage())
                .contains("has 6 tokens")
                .contains("maxLength, 4")
                .contains("tiny-tokenizer.json");
    }

    @Test
    void encodesManyInOrder() {
        List<TextExample> examples = List.of(new TextExample("cat", null, "x"), new TextExample("dog", "mat", null));

        List<TokenizedText> texts = tokenizer.encodeAll(examples, 8);

        assertThat(texts).containsExactly(tokenizer.encode("cat", null, 8), tokenizer.encode("dog", "mat", 8));
    }

    @Test
    void blankTextsAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokenizer.encode(" ", null, 8))
                .withMessageContaining("text is blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokenizer.encode("a", "\n", 8))
                .withMessageContaining("pair is blank");
    }

    @ParameterizedTest
    @CsvSource({", 2, 3", "b, 4, 5", ", -1, 3"})
    void maxLengthNeedsRoomForATokenOfEachText(String pair, int maxLength, int least) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokenizer.encode("a", pair, maxLength))
                .withMessageContaining("maxLength is " + maxLength + ": expected at least " + least);
        assertThat(tokenizer.encode("a", pair, least).length()).isEqualTo(least);
    }

    @ParameterizedTest
    @ValueSource(strings = {"😀", "\ud83d", "\ude00 a", "a\0b", "\u0007", "[SEP]", "漢字"})
    void anyCharactersAreTaken(String text) {
        TokenizedText tokens = tokenizer.encode(text, null, 8);

        assertThat(tokens.ids()).startsWith(2).endsWith(3);
        assertThat(tokens.length()).isBetween(2, 4);
    }

    @Test
    void severalThreadsGetTheSameTokens() throws Exception {
        List<TokenizedText> expected = IntStream.rangeClosed(1, 200)
                .mapToObj(i -> tokenizer.encode(words(i), words(7), 64))
                .toList();
        Callable<List<TokenizedText>> task = () -> IntStream.rangeClosed(1, 200)
                .mapToObj(i -> tokenizer.encode(words(i), words(7), 64))
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (Future<List<TokenizedText>> result : threads.invokeAll(List.of(task, task, task, task))) {
                assertThat(result.get()).isEqualTo(expected);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void closingWaitsForThreadsThatEncode() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Callable<String> encodeUntilClosed = () -> {
                try {
                    while (true) {
                        tokenizer.encode(words(50), null, 64);
                    }
                } catch (IllegalStateException e) {
                    return String.valueOf(e.getMessage());
                }
            };
            Future<String> one = threads.submit(encodeUntilClosed);
            Future<String> two = threads.submit(encodeUntilClosed);
            Thread.sleep(50);
            tokenizer.close();

            assertThat(one.get()).isEqualTo("the tokenizer of tiny-tokenizer.json is closed");
            assertThat(two.get()).isEqualTo("the tokenizer of tiny-tokenizer.json is closed");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aClosedTokenizerSaysSo() {
        tokenizer.close();
        tokenizer.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> tokenizer.encode("a", null, 8))
                .withMessageContaining("the tokenizer of tiny-tokenizer.json is closed");
    }

    @Test
    void loadsFromAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), TinyTokenizer.json());

        try (TextTokenizer loaded = TextTokenizer.load(file)) {
            assertThat(loaded.encode("cat", null, 8)).isEqualTo(tokenizer.encode("cat", null, 8));
        }
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> TextTokenizer.load(folder.resolve("none.json")))
                .withMessageContaining("none.json: there is no such file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "not json", "{\"model\": 3}"})
    void otherContentIsRefused(String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextTokenizer.load(new ByteArrayInputStream(bytes), "my.json"))
                .withMessageContaining("my.json: expected a Hugging Face tokenizer.json");
    }

    @Test
    void otherBytesThanUtf8AreRefused() {
        byte[] bytes = {'{', (byte) 0xFF, '}'};

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextTokenizer.load(new ByteArrayInputStream(bytes), "my.json"))
                .withMessageContaining("my.json: expected a Hugging Face tokenizer.json in UTF-8");
    }

    private static String words(int count) {
        String[] words = {"you", "won", "a", "free", "prize", "call", "my", "friend", "now"};
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(words[i % words.length]).append(' ');
        }
        return text.toString();
    }
}
