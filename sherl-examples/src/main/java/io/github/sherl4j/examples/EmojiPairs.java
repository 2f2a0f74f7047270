package io.github.sherl4j.examples;

import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PairData;
import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Pictures of emoji and texts about them. */
final class EmojiPairs {
    private static final int MAX_TOKENS = 24;

    private final ImageData pictures;
    private final TokenizedData texts;
    private final int[] pictureOfText;

    private EmojiPairs(ImageData pictures, TokenizedData texts, int[] pictureOfText) {
        this.pictures = pictures;
        this.texts = texts;
        this.pictureOfText = pictureOfText;
    }

    /** Each picture with its name and, as a second text, with its keywords: for training. */
    static EmojiPairs withKeywords(
            EmojiData data, List<Emoji> emoji, ImageTransform transform, TextTokenizer tokenizer) {
        List<TextExample> texts = new ArrayList<>();
        List<Integer> pictureOfText = new ArrayList<>();
        for (int i = 0; i < emoji.size(); i++) {
            texts.add(text(emoji.get(i).name()));
            pictureOfText.add(i);
            if (!emoji.get(i).keywords().isEmpty()) {
                texts.add(text(String.join(" ", emoji.get(i).keywords())));
                pictureOfText.add(i);
            }
        }
        return of(data, emoji, transform, tokenizer, texts, pictureOfText);
    }

    /** Each picture with its name alone: for tests. */
    static EmojiPairs named(EmojiData data, List<Emoji> emoji, ImageTransform transform, TextTokenizer tokenizer) {
        List<TextExample> texts = emoji.stream().map(one -> text(one.name())).toList();
        List<Integer> pictureOfText = IntStream.range(0, emoji.size()).boxed().toList();
        return of(data, emoji, transform, tokenizer, texts, pictureOfText);
    }

    private static EmojiPairs of(
            EmojiData data,
            List<Emoji> emoji,
            ImageTransform transform,
            TextTokenizer tokenizer,
            List<TextExample> texts,
            List<Integer> pictureOfText) {
        return new EmojiPairs(
                ImageData.paired(new EmojiSource(data, emoji, Emoji::category), transform),
                TokenizedData.of(tokenizer.encodeAll(texts, MAX_TOKENS), new int[0]),
                pictureOfText.stream().mapToInt(Integer::intValue).toArray());
    }

    private static TextExample text(String text) {
        return new TextExample(text, null, null);
    }

    ImageData pictures() {
        return pictures;
    }

    TokenizedData texts() {
        return texts;
    }

    /** For each text the index of its picture; a copy. */
    int[] pictureOfText() {
        return pictureOfText.clone();
    }

    PairData<ImageBatch, TokenBatch> pairs() {
        return PairData.of(pictures, texts, pictureOfText);
    }
}
