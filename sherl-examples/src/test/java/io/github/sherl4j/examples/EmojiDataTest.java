package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmojiDataTest {
    private static final int SIDE = EmojiData.SIDE;
    private static final String HEADER = "cell\tcode\tname\tcategory\tsubcategory\tbase\tsplit\tkeywords\n";
    private static final String FIRST = "0\tA1\tred disc\tSymbols\tgeometric\tA1\ttrain\tround|disk\n";
    private static final String SECOND = "1\tA2\tblue disc\tSymbols\tgeometric\tA1\ttest\t\n";

    private static EmojiData data;

    @BeforeAll
    static void load() throws IOException {
        data = EmojiData.load();
    }

    @Test
    void countsAreThoseOfTheReadme() {
        assertThat(data.all()).hasSize(1911);
        assertThat(data.train()).hasSize(1611);
        assertThat(data.test()).hasSize(300);
        assertThat(distinct(data.all(), Emoji::base)).hasSize(1676);
        assertThat(distinct(data.all(), Emoji::subcategory)).hasSize(99);
        assertThat(data.all().stream()
                        .mapToInt(emoji -> emoji.keywords().size())
                        .sum())
                .isEqualTo(13657);
        Map<String, Long> test = data.test().stream()
                .collect(Collectors.groupingBy(Emoji::category, TreeMap::new, Collectors.counting()));
        assertThat(test).isEqualTo(testCounts());
    }

    @Test
    void everyCategoryHasItsShareOfTheTest() {
        Map<String, Long> all = data.all().stream()
                .filter(emoji -> !emoji.category().equals("Component"))
                .collect(Collectors.groupingBy(Emoji::category, Collectors.counting()));
        assertThat(all).hasSize(9);
        all.forEach((category, count) -> {
            long held = data.test().stream()
                    .filter(emoji -> emoji.category().equals(category))
                    .count();
            assertThat(Math.abs(held - 300.0 * count / 1906)).as(category).isLessThan(1);
        });
    }

    @Test
    void noBaseIsOnBothSides() {
        assertThat(distinct(data.train(), Emoji::base)).doesNotContainAnyElementsOf(distinct(data.test(), Emoji::base));
    }

    @ParameterizedTest
    @CsvSource({
        "man firefighter, firefighter",
        "woman firefighter, firefighter",
        "woman running facing right, person running",
        "woman and man holding hands, people holding hands",
        "kiss man man, kiss",
        "couple with heart woman woman, couple with heart",
        "family woman girl boy, family",
        "princess, person with crown",
        "mermaid, merperson",
        "bald woman, bald person",
        "rightwards hand, leftwards hand",
        "flag norway, flag svalbard jan mayen"
    })
    void variantsShareBase(String variant, String other) {
        assertThat(named(variant).base()).isEqualTo(named(other).base());
    }

    @ParameterizedTest
    @CsvSource({
        "right arrow, left arrow",
        "female sign, male sign",
        "man, baby",
        "bald man, man",
        "family, people holding hands",
        "flag egypt, flag yemen"
    })
    void differentThingsHaveDifferentBases(String one, String other) {
        assertThat(named(one).base()).isNotEqualTo(named(other).base());
    }

    @Test
    void captionsAreFilledAndDistinct() {
        assertThat(distinct(data.all(), Emoji::name)).hasSize(1911);
        assertThat(distinct(data.all(), Emoji::code)).hasSize(1911);
        for (Emoji emoji : data.all()) {
            assertThat(emoji.captions())
                    .as(emoji.name())
                    .startsWith(emoji.name())
                    .doesNotHaveDuplicates()
                    .allMatch(caption -> caption.equals(caption.strip()) && !caption.contains("_"));
        }
        assertThat(named("pizza").captions()).contains("food", "party");
        assertThat(data.all().stream().filter(emoji -> emoji.keywords().isEmpty()))
                .hasSize(15);
    }

    @Test
    void everyPictureShowsSomething() {
        for (Emoji emoji : data.all()) {
            byte[] picture = data.picture(emoji);
            assertThat(picture).hasSize(SIDE * SIDE * EmojiData.CHANNELS);
            int drawn = 0;
            for (byte value : picture) {
                drawn += (value & 0xff) < 240 ? 1 : 0;
            }
            // The least is drawn of the small squares, 11 pixels wide.
            assertThat(drawn).as(emoji.name()).isGreaterThan(3 * 10 * 10);
        }
    }

    @Test
    void picturesAreInTheirCells() {
        assertThat(mean(named("red square")))
                .satisfies(rgb -> assertThat(rgb[0]).isGreaterThan(rgb[1] + 100));
        assertThat(mean(named("green square")))
                .satisfies(rgb -> assertThat(rgb[1]).isGreaterThan(rgb[0] + 40));
        assertThat(mean(named("blue square")))
                .satisfies(rgb -> assertThat(rgb[2]).isGreaterThan(rgb[0] + 50));
        // Over white: the corners of a round picture.
        assertThat(data.picture(named("red circle"))).startsWith(-1, -1, -1).endsWith(-1, -1, -1);
    }

    @Test
    void onlyTheReadmesPicturesAreTheSame() {
        Map<ByteBuffer, Set<String>> byPicture = new LinkedHashMap<>();
        for (Emoji emoji : data.all()) {
            byPicture
                    .computeIfAbsent(ByteBuffer.wrap(data.picture(emoji)), picture -> new TreeSet<>())
                    .add(emoji.name());
        }
        assertThat(byPicture.values().stream().filter(names -> names.size() > 1))
                .containsExactlyInAnyOrder(
                        Set.of("family", "family adult adult child", "family man man boy"),
                        Set.of("family adult adult child child", "family man man boy boy"),
                        Set.of("family adult child", "family man boy"),
                        Set.of("family adult child child", "family man boy boy"),
                        Set.of("flag australia", "flag heard mcdonald islands"),
                        Set.of("flag bouvet island", "flag norway", "flag svalbard jan mayen"),
                        Set.of("flag clipperton island", "flag france", "flag st martin"),
                        Set.of("flag british indian ocean territory", "flag diego garcia"),
                        Set.of("flag ceuta melilla", "flag spain"),
                        Set.of("flag sark", "flag saudi arabia"),
                        Set.of("flag u.s. outlying islands", "flag united states"));
        assertThat(byPicture.values().stream().filter(names -> names.size() > 1))
                .allSatisfy(
                        names -> assertThat(names).noneMatch(name -> named(name).heldOut()));
    }

    @Test
    void sheetIsSmall() throws IOException {
        try (InputStream sheet = EmojiData.class.getResourceAsStream("emoji/emoji.png")) {
            assertThat(sheet).isNotNull();
            assertThat(sheet.readAllBytes().length).isLessThan(6_000_000);
        }
    }

    @Test
    void readsRowsAndPixelsInOrder() throws IOException {
        BufferedImage sheet = new BufferedImage(2 * SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        sheet.setRGB(SIDE + 1, 2, 0x81ff03);

        EmojiData two = EmojiData.read(png(sheet), new StringReader(HEADER + FIRST + SECOND));

        assertThat(two.train())
                .containsExactly(
                        new Emoji(0, "A1", "red disc", List.of("round", "disk"), "Symbols", "geometric", "A1", false));
        assertThat(two.test())
                .containsExactly(new Emoji(1, "A2", "blue disc", List.of(), "Symbols", "geometric", "A1", true));
        byte[] expected = new byte[SIDE * SIDE * EmojiData.CHANNELS];
        assertThat(two.picture(two.all().get(0))).isEqualTo(expected);
        int pixel = EmojiData.CHANNELS * (2 * SIDE + 1);
        expected[pixel] = (byte) 0x81;
        expected[pixel + 1] = (byte) 0xff;
        expected[pixel + 2] = 3;
        assertThat(two.picture(two.all().get(1))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1\tA2;7\tA2;row 2: expected cell to be 1, found \"7\"",
                "test;both;row 2: expected split to be train or test, found \"both\"",
                "\ttest\t;\ttest;row 2: expected as many fields as the header has, found 7",
                "blue disc; ;cell 1: expected no blank field and no blank keyword"
            },
            ignoreLeadingAndTrailingWhitespace = false)
    void namesMalformedRow(String right, String wrong, String message) throws IOException {
        InputStream sheet = png(new BufferedImage(2 * SIDE, SIDE, BufferedImage.TYPE_INT_RGB));

        assertThatThrownBy(() -> EmojiData.read(sheet, new StringReader(HEADER + FIRST + SECOND.replace(right, wrong))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"144, 48", "48, 48", "97, 48", "96, 49"})
    void namesSheetOfOtherSize(int width, int height) throws IOException {
        InputStream sheet = png(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB));

        assertThatThrownBy(() -> EmojiData.read(sheet, new StringReader(HEADER + FIRST + SECOND)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("emoji/emoji.png: expected whole cells of 48 x 48 for the 2 rows of")
                .hasMessageEndingWith("found a sheet of " + width + " x " + height);
    }

    @Test
    void namesSheetThatIsNoPicture() {
        InputStream sheet = new ByteArrayInputStream("no picture".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> EmojiData.read(sheet, new StringReader(HEADER + FIRST)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("emoji/emoji.png: expected a PNG picture, found something else");
    }

    private static Map<String, Long> testCounts() {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("Activities", 13L);
        counts.put("Animals & Nature", 25L);
        counts.put("Flags", 42L);
        counts.put("Food & Drink", 21L);
        counts.put("Objects", 42L);
        counts.put("People & Body", 61L);
        counts.put("Smileys & Emotion", 27L);
        counts.put("Symbols", 35L);
        counts.put("Travel & Places", 34L);
        return counts;
    }

    private static Emoji named(String name) {
        return data.all().stream()
                .filter(emoji -> emoji.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no emoji is named " + name));
    }

    private static Set<String> distinct(List<Emoji> emoji, Function<Emoji, String> field) {
        return emoji.stream().map(field).collect(Collectors.toCollection(HashSet::new));
    }

    private static double[] mean(Emoji emoji) {
        byte[] picture = data.picture(emoji);
        double[] mean = new double[EmojiData.CHANNELS];
        for (int i = 0; i < picture.length; i++) {
            mean[i % EmojiData.CHANNELS] += (picture[i] & 0xff) / (double) (SIDE * SIDE);
        }
        return mean;
    }

    private static InputStream png(BufferedImage image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return new ByteArrayInputStream(bytes.toByteArray());
    }
}
