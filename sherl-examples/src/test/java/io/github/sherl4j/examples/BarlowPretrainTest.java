package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.barlow.pretrain.SavedEncoder;
import java.awt.image.BufferedImage;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BarlowPretrainTest {
    private static final String[] SMALL = {
        "--widths=4,6", "--projector=8,8", "--batch=8", "--size=12", "--threads=1", "--measure-every=1"
    };

    @TempDir
    private Path folder;

    private static Run run(Object command, String[] common, String... more) {
        String[] all = new String[common.length + more.length];
        System.arraycopy(common, 0, all, 0, common.length);
        System.arraycopy(more, 0, all, common.length, more.length);
        return Run.of(command, all);
    }

    /** Pictures of two kinds, dark or light, in folders of their own. */
    private Path pictures() throws IOException {
        Path pictures = folder.resolve("pictures");
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 40; i++) {
            Path kind = Files.createDirectories(pictures.resolve(i % 2 == 0 ? "dark" : "light"));
            BufferedImage picture = new BufferedImage(14, 12, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < 12; y++) {
                for (int x = 0; x < 14; x++) {
                    int grey = random.nextInt(100) + (i % 2 == 0 ? 0 : 150);
                    picture.setRGB(x, y, grey << 16 | grey << 8 | grey);
                }
            }
            ImageIO.write(picture, "png", kind.resolve(i + ".png").toFile());
        }
        return pictures;
    }

    /** Grey pictures and their labels in IDX files. */
    private Path idx(String name, int count) throws IOException {
        SplittableRandom random = new SplittableRandom(count);
        Path pictures = folder.resolve(name);
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(pictures));
                DataOutputStream labels =
                        new DataOutputStream(Files.newOutputStream(folder.resolve(name + "-labels")))) {
            out.writeInt(0x0803);
            out.writeInt(count);
            out.writeInt(10);
            out.writeInt(10);
            labels.writeInt(0x0801);
            labels.writeInt(count);
            for (int i = 0; i < count; i++) {
                labels.write(i % 2);
                for (int pixel = 0; pixel < 100; pixel++) {
                    out.write(random.nextInt(100) + 150 * (i % 2));
                }
            }
        }
        return pictures;
    }

    @Test
    void preTrainsOnAFolderGoesOnAndIsMeasured() throws IOException {
        Path pictures = pictures();
        Path once = folder.resolve("once");
        Path twice = folder.resolve("twice");
        Files.write(pictures.resolve("dark").resolve("broken.png"), new byte[] {1, 2, 3});
        String[] data = {"--folder=" + pictures};

        Run whole = run(new BarlowPretrain(), SMALL, data[0], "--epochs=2", "--out=" + once);
        assertThat(whole.err()).contains("Barlow Twins");
        assertThat(whole.code()).isZero();
        assertThat(whole.out())
                .contains(
                        "epoch 1: loss ",
                        "epoch 2: loss ",
                        "neighbours ",
                        "probe ",
                        "effective rank ",
                        "The network is in")
                .contains("1 pictures were damaged and left out");
        assertThat(once)
                .isDirectoryContaining("glob:**checkpoint.safetensors")
                .isDirectoryContaining("glob:**curves.png");
        assertThat(Files.readAllLines(once.resolve("history.tsv"))).hasSize(3);
        BufferedImage curves = ImageIO.read(once.resolve("curves.png").toFile());
        assertThat(curves.getWidth()).isEqualTo(900);

        // The checkpoint of the end has nothing left to do, and the same network comes of it.
        Files.createDirectories(twice);
        Files.copy(once.resolve("checkpoint.safetensors"), twice.resolve("checkpoint.safetensors"));
        Run resumed = run(new BarlowPretrain(), SMALL, data[0], "--epochs=2", "--out=" + twice, "--resume");
        assertThat(resumed.code()).isZero();
        assertThat(twice.resolve("model.safetensors")).hasSameBinaryContentAs(once.resolve("model.safetensors"));

        Run other = run(new BarlowPretrain(), SMALL, data[0], "--epochs=3", "--out=" + twice, "--resume");
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("was written by a training with epochs 2, but this one has 3");

        Path json = folder.resolve("probe.json");
        Run probe = Run.of(new ProbeEncoder(), "--model=" + once, data[0], "--epochs=3", "--json=" + json);
        assertThat(probe.code()).as(probe.err()).isZero();
        assertThat(probe.out()).contains("pre-trained", "untrained", "raw pixels");
        assertThat(json).content().contains("\"accuracy\"");
        Run crops = Run.of(new ProbeEncoder(), "--model=" + once, data[0], "--epochs=1", "--augment");
        assertThat(crops.code()).isZero();
        assertThat(crops.out()).contains("pre-trained").doesNotContain("raw pixels");

        for (Object command : new Object[] {new ProbeEncoder(), new NeighboursOfEncoder(), new FineTuneEncoder()}) {
            Run nowhere = Run.of(command, "--model=" + once, data[0], "--json=none/a.json");
            assertThat(nowhere.code()).isEqualTo(2);
            assertThat(nowhere.err().strip())
                    .isEqualTo("--json must be a file in a folder that exists, but is none/a.json");
        }

        Run neighbours = Run.of(new NeighboursOfEncoder(), "--model=" + once, data[0], "--neighbours=3");
        assertThat(neighbours.code()).isZero();
        assertThat(neighbours.out()).contains("pre-trained", "untrained", "raw pixels");

        Run tuned = Run.of(
                new FineTuneEncoder(),
                "--model=" + once,
                data[0],
                "--share=0.5",
                "--draws=2",
                "--epochs=1",
                "--batch=8");
        assertThat(tuned.code()).isZero();
        assertThat(tuned.out()).contains("from scratch", "mean of 2 draws: pre-trained ");
    }

    @Test
    void preTrainsOnIdxFilesAndIsAdapted() throws IOException {
        Path train = idx("train", 60);
        Path test = idx("test", 20);
        Path json = folder.resolve("results.json");
        String[] data = {
            "--idx=" + train,
            "--idx-labels=" + train + "-labels",
            "--test-idx=" + test,
            "--test-idx-labels=" + test + "-labels",
            "--widths=4,6,8",
            "--projector=8",
            "--batch=16",
            "--size=16",
            "--images=32"
        };

        Run run = run(
                new PretrainThenAdapt(),
                data,
                "--epochs=1",
                "--adapt-epochs=1",
                "--share=0.5",
                "--out=" + folder.resolve("net"),
                "--json=" + json);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("Barlow Twins", "head", "sherl", "full");
        assertThat(run.out()).contains("30 labelled pictures, 20 test pictures, 2 classes", "peak MB");
        assertThat(json).content().contains("\"sherl\"");
        Run again = Run.of(
                new PretrainThenAdapt(),
                data[0],
                data[1],
                data[2],
                data[3],
                "--model=" + folder.resolve("net"),
                "--adapt-epochs=1");
        assertThat(again.code()).as(again.err()).isZero();
    }

    @Test
    void preTrainsOnEmoji() throws IOException {
        Run run = run(
                new BarlowPretrain(),
                SMALL,
                "--images=24",
                "--epochs=1",
                "--optimizer=lars",
                "--part=4",
                "--block=bottleneck",
                "--depths=1,2",
                "--test-size=14",
                "--out=" + folder);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("24 pictures of emoji", "neighbours ");
        SavedEncoder saved = SavedEncoder.read(folder);
        assertThat(saved.network().kind()).isEqualTo(ResNetConfig.Kind.BOTTLENECK);
        assertThat(saved.network().depths()).containsExactly(1, 2);
        assertThat(saved.transform().crop()).isEqualTo(14);
    }

    @Test
    void showsViewsAndSuggestsSettingsWithoutTraining() throws IOException {
        Path sheet = folder.resolve("views.png");
        Run views = Run.of(new BarlowPretrain(), "--show-views=" + sheet);
        assertThat(views.code()).isZero();
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isGreaterThan(500);

        Run suggest = Run.of(new BarlowPretrain(), "--suggest", "--batch=256", "--projector=2048,1024");
        assertThat(suggest.code()).isZero();
        assertThat(suggest.out())
                .contains("--rate 0.4000", "--scale 0.1914", "70.7")
                .contains(List.of("2048", "1.600", "71.4"));
        assertThat(folder).isDirectoryNotContaining("glob:**.safetensors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--batch=1|--batch must be at least 2, since a single picture has no variance, but is 1",
                "--part=2|--part must be at least 3, or 0 for whole batches, but is 2",
                "--projector=1|--projector must be widths of at least 2, but is [1]",
                "--least-crop=0|--least-crop must be above 0 and at most 1, but is 0.0",
                "--resume --out=nowhere|--resume needs a checkpoint, but nowhere has none",
                "--suggest --show-views=a.png|--suggest and --show-views exclude each other",
                "--show-views=none/a.png|--show-views must be a file in a folder that exists, but is none/a.png",
                "--folder=a --idx=b|--folder and --idx exclude each other",
                "--idx=a --test-idx=b --test-idx-labels=c|--test-idx needs --idx-labels",
                "--held-out=0.5|--held-out needs --folder or --idx alone",
                "--test-size=4|--test-size must be at least 8, but is 4",
                "--depths=0,1,1|--depths must be positive, but are [0, 1, 1]",
                "--depths=1,2|--depths must be one for each of the 3 --widths, but are [1, 2]",
                "--arch=resnet18 --block=basic|--block needs --arch small",
                "--arch=resnet18 --widths=4,8|--widths needs --arch small",
                "--arch=resnet18 --depths=1,1,2|--depths needs --arch small",
                "--lambda=-1|--lambda must not be negative, but is -1.0",
            })
    void refusesOptionsInOneSentence(String options, String message) {
        Run run = Run.of(new BarlowPretrain(), options.split(" "));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().strip()).isEqualTo(message);
    }

    @Test
    void refusesPicturesThatDoNotDoInOneSentence() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Run none = Run.of(new BarlowPretrain(), "--folder=" + empty, "--out=" + folder);
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err().strip())
                .isEqualTo(
                        empty + ": holds no pictures; expected files that end in .png, .jpg, .jpeg, .gif or .bmp, in it"
                                + " or below it");
        ImageIO.write(
                new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB),
                "png",
                empty.resolve("one.png").toFile());
        Run one = run(new BarlowPretrain(), SMALL, "--folder=" + empty, "--out=" + folder.resolve("one"));
        assertThat(one.code()).isEqualTo(1);
        assertThat(one.err()).contains("there must be at least 2 pictures and a whole batch of 8, but there are 1");
        Run unlabelled = Run.of(new ProbeEncoder(), "--model=" + empty, "--folder=" + empty);
        assertThat(unlabelled.code()).isEqualTo(1);
        assertThat(unlabelled.err()).contains("config.json", "expected that of a pre-trained network");
    }
}
