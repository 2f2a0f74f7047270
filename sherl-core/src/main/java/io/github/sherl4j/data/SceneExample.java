package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.List;

/**
 * A picture, a text about it, and where in the picture phrases of the text are.
 *
 * @param image the picture's file below its folder
 * @param width of the picture in pixels
 * @param height of the picture in pixels
 * @param text not blank
 * @param phrases may be empty
 */
public record SceneExample(String image, int width, int height, String text, List<Phrase> phrases) {
    /** Checks and copies. */
    public SceneExample {
        Check.argument(width > 0 && height > 0, "picture %s must have a size, but has %s x %s", image, width, height);
        Check.argument(!text.isBlank(), "the text of picture %s must not be blank", image);
        phrases = List.copyOf(phrases);
        int length = text.codePointCount(0, text.length());
        for (Phrase phrase : phrases) {
            for (Span span : phrase.spans) {
                Check.argument(
                        span.end <= length,
                        "a phrase of picture %s must be in its text of %s characters, but goes from %s to %s",
                        image,
                        length,
                        span.start,
                        span.end);
            }
        }
    }

    /**
     * Some characters, counted in code points.
     *
     * @param start the first one
     * @param end the one behind the last
     */
    public record Span(int start, int end) {
        /** Checks the order. */
        public Span {
            Check.argument(
                    start >= 0 && end > start, "a phrase must have characters, but goes from %s to %s", start, end);
        }
    }

    /**
     * A phrase and one of its boxes; a phrase of several boxes is there several times.
     *
     * @param spans at least one
     */
    public record Phrase(List<Span> spans, Box box) {
        /** Copies the list. */
        public Phrase {
            spans = List.copyOf(spans);
            Check.argument(!spans.isEmpty(), "a phrase must have characters, but has none");
        }
    }
}
