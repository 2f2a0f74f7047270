package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextDataTest {

    @Test
    void labelsAreDistinctAndSorted() {
        TextData data = TextData.of(List.of(example(0, "spam"), example(1, "ham"), example(2, "spam")));

        assertThat(data.size()).isEqualTo(3);
        assertThat(data.labels()).containsExactly("ham", "spam");
        assertThat(data.examples()).extracting(TextExample::text).containsExactly("text 0", "text 1", "text 2");
    }

    @Test
    void examplesAreCopiedAndUnmodifiable() {
        List<TextExample> source = new ArrayList<>(List.of(example(0, "ham")));
        TextData data = TextData.of(source);

        source.clear();

        assertThat(data.size()).isEqualTo(1);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> data.examples().clear());
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> data.labels().clear());
    }

    @Test
    void emptyAndUnlabelledListsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextData.of(List.of()))
                .withMessageContaining("examples is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextData.of(List.of(example(0, "ham"), new TextExample("b", null, null))))
                .withMessageContaining("examples[1] has no label");
    }

    @ParameterizedTest
    @CsvSource({"10, 7, 3", "50, 35, 15", "1, 1, 0", "3, 2, 1", "99, 69, 30"})
    void limitKeepsEachLabelsShare(int count, int ham, int spam) {
        TextData limited = hamAndSpam(70, 30).limit(count, 5);

        assertThat(limited.size()).isEqualTo(count);
        assertThat(count(limited, "ham")).isEqualTo(ham);
        assertThat(count(limited, "spam")).isEqualTo(spam);
    }

    @Test
    void limitKeepsTheOrderAndDrawsBySeed() {
        TextData data = hamAndSpam(70, 30);

        List<TextExample> drawn = data.limit(20, 1).examples();

        assertThat(drawn).doesNotHaveDuplicates();
        assertThat(drawn.stream().map(data.examples()::indexOf).toList()).isSorted();
        assertThat(data.limit(20, 1).examples()).isEqualTo(drawn);
        assertThat(data.limit(20, 2).examples()).isNotEqualTo(drawn);
    }

    @Test
    void limitOfAllOrMoreIsTheSameData() {
        TextData data = hamAndSpam(2, 1);

        assertThat(data.limit(3, 0)).isSameAs(data);
        assertThat(data.limit(1000, 0)).isSameAs(data);
        assertThatIllegalArgumentException().isThrownBy(() -> data.limit(0, 0)).withMessageContaining("count is 0");
    }

    @Test
    void splitIsStratifiedAndCoversAllOnce() {
        TextData data = hamAndSpam(70, 30);

        TextData.Split split = data.split(0.8, 3);

        assertThat(count(split.first(), "ham")).isEqualTo(56);
        assertThat(count(split.first(), "spam")).isEqualTo(24);
        assertThat(count(split.second(), "ham")).isEqualTo(14);
        assertThat(count(split.second(), "spam")).isEqualTo(6);
        List<TextExample> both = new ArrayList<>(split.first().examples());
        both.addAll(split.second().examples());
        assertThat(both).containsExactlyInAnyOrderElementsOf(data.examples());
    }

    @Test
    void splitDependsOnTheSeedAlone() {
        TextData data = hamAndSpam(70, 30);

        List<TextExample> first = data.split(0.5, 3).first().examples();

        assertThat(data.split(0.5, 3).first().examples()).isEqualTo(first);
        assertThat(data.split(0.5, 4).first().examples()).isNotEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.5, 1.5, Double.NaN})
    void splitRefusesSharesOutsideZeroToOne(double share) {
        TextData data = hamAndSpam(7, 3);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> data.split(share, 0))
                .withMessageContaining("share is " + share);
    }

    @Test
    void splitRefusesToLeaveASideEmpty() {
        TextData data = hamAndSpam(2, 1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> data.split(0.01, 0))
                .withMessageContaining("none for the first set");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data.split(0.99, 0))
                .withMessageContaining("none for the second set");
    }

    private static TextData hamAndSpam(int ham, int spam) {
        return TextData.of(IntStream.range(0, ham + spam)
                .mapToObj(i -> example(i, i < ham ? "ham" : "spam"))
                .toList());
    }

    private static TextExample example(int number, String label) {
        return new TextExample("text " + number, null, label);
    }

    private static long count(TextData data, String label) {
        return data.examples().stream()
                .filter(example -> label.equals(example.label()))
                .count();
    }
}
