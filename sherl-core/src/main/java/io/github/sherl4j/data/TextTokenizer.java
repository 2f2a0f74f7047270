package io.github.sherl4j.data;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts texts into the tokens that a pretrained model was trained on, as its {@code tokenizer.json} (the file of Hugging
 * Face's fast tokenizers) says. The file's own truncation and padding are ignored: the caller says how long a text may
 * be, and a {@link TokenBatch} pads.
 *
 * <p>Safe for use by several threads at once. It holds native memory until {@link #close()}.
 */
public final class TextTokenizer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TextTokenizer.class);

    private final HuggingFaceTokenizer tokenizer;
    private final String origin;
    private final AtomicBoolean truncationReported = new AtomicBoolean();

    /** Readers encode, the writer closes: so no thread encodes with freed memory. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private boolean closed;

    private TextTokenizer(HuggingFaceTokenizer tokenizer, String origin) {
        this.tokenizer = tokenizer;
        this.origin = origin;
    }

    /**
     * Loads a tokenizer from a file.
     *
     * @param tokenizerJson a {@code tokenizer.json}
     * @return the tokenizer, closed by the caller
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if the content is not a tokenizer
     * @throws IllegalStateException if there is no native tokenizer library for this platform
     */
    public static TextTokenizer load(Path tokenizerJson) throws IOException {
        TextFiles.requireFile(tokenizerJson);
        return load(Files.readAllBytes(tokenizerJson), tokenizerJson.toString());
    }

    /**
     * Loads a tokenizer from a stream, such as a resource.
     *
     * @param tokenizerJson the bytes of a {@code tokenizer.json}, read to the end; closed by the caller
     * @param origin what messages call the stream
     * @return the tokenizer, closed by the caller
     * @throws IOException if the stream cannot be read
     * @throws IllegalArgumentException if the content is not a tokenizer
     * @throws IllegalStateException if there is no native tokenizer library for this platform
     */
    public static TextTokenizer load(InputStream tokenizerJson, String origin) throws IOException {
        return load(tokenizerJson.readAllBytes(), origin);
    }

    private static TextTokenizer load(byte[] tokenizerJson, String origin) throws IOException {
        String json;
        try {
            json = TextFiles.decodeUtf8(tokenizerJson);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    origin + ": expected a Hugging Face tokenizer.json in UTF-8, found other bytes", e);
        }
        return new TextTokenizer(DjlTokenizers.open(json, origin), origin);
    }

    /**
     * Cuts a text, or a pair of texts, into tokens, and adds the special tokens of the model: for BERT
     * {@code [CLS] text [SEP]} or {@code [CLS] text [SEP] pair [SEP]}. What is too long loses tokens at its end, of a
     * pair the longer text first, as Hugging Face's {@code longest_first} does. The first truncation is logged.
     *
     * @param text the text, not blank
     * @param pair the second text, not blank, or null if there is none
     * @param maxLength how many tokens the result may have, special tokens included; there must be room for one token
     *     of each text
     * @return the tokens
     * @throws IllegalArgumentException if a text is blank, or {@code maxLength} too small
     * @throws IllegalStateException if this tokenizer is closed
     */
    public TokenizedText encode(String text, @Nullable String pair, int maxLength) {
        TextExample.requireNotBlank("text", text);
        if (pair != null) {
            TextExample.requireNotBlank("pair", pair);
        }
        Encoding whole = encodeWhole(text, pair);
        long[] sequences = whole.getSequenceIds();
        int first = count(sequences, 0);
        int second = count(sequences, 1);
        int special = sequences.length - first - second;
        int texts = pair == null ? 1 : 2;
        if (maxLength < special + texts) {
            throw new IllegalArgumentException("maxLength is " + maxLength + ": expected at least " + (special + texts)
                    + ", room for " + special + " special token(s) and one token of each text");
        }
        if (sequences.length <= maxLength) {
            return new TokenizedText(toInts(whole.getIds()), toInts(whole.getTypeIds()));
        }
        reportTruncation(sequences.length, maxLength);
        int[] kept = longestFirst(first, second, maxLength - special);
        return truncate(whole, kept[0], kept[1], maxLength);
    }

    /**
     * A text's tokens, and which of its characters each of them stands for.
     *
     * @param starts [tokens], the first character of each token, counted in code points; -1 for special tokens; not to be modified
     * @param ends [tokens], the character behind each token's last; -1 for special tokens; not to be modified
     */
    @SuppressWarnings("ArrayRecordComponent") // as TokenizedText
    public record Spans(TokenizedText tokens, int[] starts, int[] ends) {}

    /**
     * Cuts a text into tokens, as {@link #encode} does, but not one that is too long.
     *
     * @throws IllegalArgumentException if the text is blank, or has more than {@code maxLength} tokens
     * @throws IllegalStateException if this tokenizer is closed
     */
    public Spans encodeWithSpans(String text, int maxLength) {
        TextExample.requireNotBlank("text", text);
        Encoding whole = encodeWhole(text, null);
        int length = whole.getIds().length;
        if (length > maxLength) {
            throw new IllegalArgumentException(
                    "text has " + length + " tokens: expected at most " + maxLength + ", but it is \"" + text + "\"");
        }
        int[] starts = new int[length];
        int[] ends = new int[length];
        for (int i = 0; i < length; i++) {
            boolean special = whole.getSpecialTokenMask()[i] == 1 || whole.getCharTokenSpans()[i] == null;
            starts[i] = special ? -1 : whole.getCharTokenSpans()[i].getStart();
            ends[i] = special ? -1 : whole.getCharTokenSpans()[i].getEnd();
        }
        return new Spans(new TokenizedText(toInts(whole.getIds()), toInts(whole.getTypeIds())), starts, ends);
    }

    /**
     * Cuts many texts into tokens, each as {@link #encode} does; labels are not looked at.
     *
     * @param examples the texts, not modified
     * @param maxLength how many tokens each result may have, special tokens included
     * @return the tokens of each example, in the same order
     * @throws IllegalArgumentException if {@code maxLength} is too small
     * @throws IllegalStateException if this tokenizer is closed
     */
    public List<TokenizedText> encodeAll(List<TextExample> examples, int maxLength) {
        List<TokenizedText> texts = new ArrayList<>(examples.size());
        for (TextExample example : examples) {
            texts.add(encode(example.text(), example.pair(), maxLength));
        }
        return texts;
    }

    /**
     * Puts tokens together to a text, special tokens left out.
     *
     * @param ids tokens of this tokenizer, not modified
     * @return the text, empty if there is none
     * @throws IllegalStateException if this tokenizer is closed
     */
    public String decode(int[] ids) {
        long[] longs = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            longs[i] = ids[i];
        }
        lock.readLock().lock();
        try {
            requireOpen();
            return tokenizer.decode(longs, true);
        } finally {
            lock.readLock().unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the tokenizer of " + origin + " is closed");
        }
    }

    /** Frees the native memory; waits for threads that are encoding. Closing twice does nothing. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            closed = true;
            tokenizer.close();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private Encoding encodeWhole(String text, @Nullable String pair) {
        lock.readLock().lock();
        try {
            requireOpen();
            return pair == null ? tokenizer.encode(text) : tokenizer.encode(text, pair);
        } finally {
            lock.readLock().unlock();
        }
    }

    private void reportTruncation(int tokens, int maxLength) {
        if (truncationReported.compareAndSet(false, true)) {
            log.warn(
                    "A text has {} tokens and was truncated to maxLength, {}; further truncations by the tokenizer of"
                            + " {} are not reported",
                    tokens,
                    maxLength,
                    origin);
        }
    }

    /**
     * How many tokens of two texts to keep when they are {@code room} tokens together. Unlike removing tokens one by
     * one, the fast tokenizers give an odd token to the second text when both are equally long.
     */
    static int[] longestFirst(int first, int second, int room) {
        int shorter = Math.min(Math.min(first, second), room / 2);
        int longer = room - shorter;
        return first > second ? new int[] {longer, shorter} : new int[] {shorter, longer};
    }

    private static TokenizedText truncate(Encoding whole, int keptFirst, int keptSecond, int length) {
        long[] sequences = whole.getSequenceIds();
        int[] open = {keptFirst, keptSecond};
        int[] ids = new int[length];
        int[] types = new int[length];
        int next = 0;
        for (int i = 0; i < sequences.length; i++) {
            int sequence = (int) sequences[i];
            if (sequence < 0 || open[sequence]-- > 0) {
                ids[next] = (int) whole.getIds()[i];
                types[next++] = (int) whole.getTypeIds()[i];
            }
        }
        return new TokenizedText(ids, types);
    }

    private static int count(long[] values, long wanted) {
        int count = 0;
        for (long value : values) {
            if (value == wanted) {
                count++;
            }
        }
        return count;
    }

    private static int[] toInts(long[] values) {
        int[] ints = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            ints[i] = (int) values[i];
        }
        return ints;
    }
}
