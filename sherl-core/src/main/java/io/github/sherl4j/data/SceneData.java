package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.HostFloats;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Pictures and texts as training or validation data of grounding. A picture is made so large that its longer side has a given length,
 * and padded at its right and lower edge to the largest of its batch; decoding happens when a batch is asked for.
 */
public final class SceneData implements BatchSource<SceneBatch> {
    private final List<SceneExample> examples;
    private final List<TextTokenizer.Spans> texts;
    private final ImageSource pictures;
    private final int[] pictureOf;
    private final int side;
    private final PixelNorm norm;

    private SceneData(
            List<SceneExample> examples,
            List<TextTokenizer.Spans> texts,
            ImageSource pictures,
            int[] pictureOf,
            int side,
            PixelNorm norm) {
        this.examples = List.copyOf(examples);
        this.texts = List.copyOf(texts);
        this.pictures = pictures;
        this.pictureOf = pictureOf;
        this.side = side;
        this.norm = norm;
    }

    /**
     * Tokenizes texts and finds pictures by their names.
     *
     * @param tokenizer stays open
     * @param maxTokens the longest text, special tokens included
     * @param side of the pictures in pixels, the longer one
     * @throws IllegalArgumentException if a text is too long, a picture is not there, or a phrase has no tokens
     */
    public static SceneData of(
            List<SceneExample> examples,
            TextTokenizer tokenizer,
            int maxTokens,
            ImageSource pictures,
            int side,
            PixelNorm norm) {
        Check.argument(!examples.isEmpty(), "examples must be at least one picture, but are none");
        Check.argument(side > 0, "side must be positive, but is %s", side);
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < pictures.size(); i++) {
            places.put(pictures.name(i), i);
        }
        int[] pictureOf = new int[examples.size()];
        List<TextTokenizer.Spans> texts = new ArrayList<>();
        for (int i = 0; i < pictureOf.length; i++) {
            SceneExample example = examples.get(i);
            Integer place = places.get(example.image());
            Check.argument(
                    place != null, "There is no picture \"%s\" among %s pictures", example.image(), places.size());
            pictureOf[i] = place == null ? -1 : place;
            TextTokenizer.Spans spans = tokenizer.encodeWithSpans(example.text(), maxTokens);
            texts.add(spans);
            for (SceneExample.Phrase phrase : example.phrases()) {
                Check.argument(
                        tokens(spans, phrase).length > 0,
                        "a phrase of picture %s must have tokens, but none of \"%s\" is in %s",
                        example.image(),
                        example.text(),
                        phrase.spans());
            }
        }
        return new SceneData(examples, texts, pictures, pictureOf, side, norm);
    }

    /** The places of a phrase's tokens: all that share a character with it. */
    static int[] tokens(TextTokenizer.Spans spans, SceneExample.Phrase phrase) {
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < spans.starts().length; i++) {
            int start = spans.starts()[i];
            int end = spans.ends()[i];
            if (start >= 0 && phrase.spans().stream().anyMatch(span -> start < span.end() && end > span.start())) {
                tokens.add(i);
            }
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public int size() {
        return examples.size();
    }

    /** The pictures and their texts; not modifiable. */
    public List<SceneExample> examples() {
        return examples;
    }

    /** Examples with texts of similar length share a batch. */
    @Override
    public List<int[]> plan(int batchSize, long seed) {
        return BatchPlan.shuffled(
                texts.stream().mapToInt(text -> text.tokens().length()).toArray(), batchSize, seed);
    }

    /** The targets of an example. */
    public List<SceneBatch.Target> targets(int index) {
        return examples.get(index).phrases().stream()
                .map(phrase -> new SceneBatch.Target(phrase.box(), tokens(texts.get(index), phrase)))
                .toList();
    }

    @Override
    public SceneBatch batch(int[] indices) {
        return part(indices, 0, indices.length);
    }

    @Override
    public SceneBatch part(int[] whole, int from, int to) {
        int boxes = Arrays.stream(whole)
                .map(index -> examples.get(index).phrases().size())
                .sum();
        return batch(Arrays.copyOfRange(whole, from, to), SceneBatch.meanBoxes(boxes, whole.length));
    }

    private SceneBatch batch(int[] indices, double meanBoxes) {
        List<Picture> decoded = Arrays.stream(indices)
                .mapToObj(index -> scaled(pictures.picture(pictureOf[index])
                        .orElseThrow(() -> new IllegalArgumentException("The picture \"%s\" is damaged"
                                .formatted(examples.get(index).image())))))
                .toList();
        int height = decoded.stream().mapToInt(Picture::height).max().orElseThrow();
        int width = decoded.stream().mapToInt(Picture::width).max().orElseThrow();
        int channels = norm.channels();
        int[][] sizes = new int[indices.length][];
        HostFloats pixels = new HostFloats(indices.length, height, width, channels);
        for (int i = 0; i < indices.length; i++) {
            Picture picture = decoded.get(i);
            sizes[i] = new int[] {picture.height(), picture.width()};
            float[] numbers = new float[picture.height() * picture.width() * channels];
            picture.normalizeInto(norm, numbers, 0);
            float[] padded = new float[height * width * channels];
            for (int row = 0; row < picture.height(); row++) {
                System.arraycopy(
                        numbers,
                        row * picture.width() * channels,
                        padded,
                        row * width * channels,
                        picture.width() * channels);
            }
            pixels.put(i * padded.length, padded);
        }
        return new SceneBatch(
                ImageBatch.of(pixels.array(), new int[0]),
                sizes,
                TokenBatch.of(
                        Arrays.stream(indices)
                                .mapToObj(index -> texts.get(index).tokens())
                                .toList(),
                        new int[0]),
                Arrays.stream(indices).mapToObj(this::targets).toList(),
                meanBoxes);
    }

    private Picture scaled(Picture picture) {
        Picture coloured = picture.withChannels(norm.channels());
        double factor = side / (double) Math.max(picture.width(), picture.height());
        int width = (int) Math.max(1, Math.round(factor * picture.width()));
        int height = (int) Math.max(1, Math.round(factor * picture.height()));
        if (width == picture.width() && height == picture.height()) {
            return coloured;
        }
        Region whole = new Region(0, 0, picture.width(), picture.height());
        return coloured.resized(whole, width, height, Interpolation.BILINEAR);
    }
}
