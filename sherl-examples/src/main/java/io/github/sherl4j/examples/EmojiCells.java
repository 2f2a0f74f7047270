package io.github.sherl4j.examples;

import java.util.List;

/** Words for some emoji. */
final class EmojiCells {
    /** Emoji whose names are one word. */
    static final List<String> NAMES = List.of(
            "dog",
            "owl",
            "whale",
            "crab",
            "sunflower",
            "cactus",
            "banana",
            "strawberry",
            "castle",
            "bus",
            "umbrella",
            "key");

    /** Other words for {@link #NAMES}, in their order. */
    static final List<String> OTHER_NAMES = List.of(
            "puppy", "bird", "giant", "pincher", "blossom", "spikes", "fruit", "berry", "fort", "coach", "parasol",
            "opener");

    private EmojiCells() {}
}
