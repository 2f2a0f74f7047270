package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pictures of a folder and of all folders below it: files whose names end in {@code .png}, {@code .jpg}, {@code .jpeg},
 * {@code .gif} or {@code .bmp}, in the order of their paths, whatever order the file system has. Names that start with a dot
 * are passed over. A file's class is the folder of the first level that it lies in; files beside these folders have none.
 *
 * <p>Files are decoded when they are asked for, by {@code javax.imageio} and its plug-ins: grey stays grey, palettes become
 * red, green, blue, transparent parts are laid over white, 16 bits keep their upper 8. A damaged file is named once in the log
 * as a warning, and counted.
 */
public final class ImageFolder implements ImageSource {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFolder.class);
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp");

    private final Path folder;
    private final List<String> names;
    private final List<String> labels;
    private final int[] labelOfEach;
    private final Set<Integer> damaged = ConcurrentHashMap.newKeySet();

    private ImageFolder(Path folder, List<String> names) {
        this.folder = folder;
        this.names = names;
        this.labels = names.stream()
                .filter(name -> name.contains("/"))
                .map(ImageFolder::firstLevel)
                .collect(Collectors.collectingAndThen(Collectors.toCollection(TreeSet::new), List::copyOf));
        TreeMap<String, Integer> numbers = new TreeMap<>();
        labels.forEach(label -> numbers.put(label, numbers.size()));
        this.labelOfEach = names.stream()
                .mapToInt(name -> name.contains("/") ? numbers.getOrDefault(firstLevel(name), -1) : Picture.NO_LABEL)
                .toArray();
    }

    /**
     * Lists a folder; no file is opened yet.
     *
     * @param folder the folder
     * @throws IOException if the folder does not exist, is none, or cannot be listed
     * @throws IllegalArgumentException if neither it nor a folder below it holds a picture
     */
    public static ImageFolder open(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            throw new NoSuchFileException(folder.toString(), null, "there is no such folder");
        }
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder + ": expected a folder of pictures, found a file");
        }
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            files.map(file -> slashed(folder.relativize(file)))
                    .filter(ImageFolder::isPictureName)
                    .filter(name -> Files.isRegularFile(folder.resolve(name)))
                    .sorted()
                    .forEach(names::add);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Check.argument(
                !names.isEmpty(),
                "%s: holds no pictures; expected files that end in .png, .jpg, .jpeg, .gif or .bmp, in it or below it",
                folder);
        return new ImageFolder(folder, List.copyOf(names));
    }

    /**
     * Given pictures of a folder, as captions name them; no file is opened yet.
     *
     * @param folder the folder
     * @param names their paths below it, with slashes, at least one; copied
     * @throws IOException if one of them does not exist
     */
    public static ImageFolder open(Path folder, List<String> names) throws IOException {
        Check.argument(!names.isEmpty(), "names must be of at least one picture, but are none");
        for (String name : names) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new NoSuchFileException(
                        folder.resolve(name).toString(),
                        null,
                        "there is no such picture, which is named \"" + name + "\"");
            }
        }
        return new ImageFolder(folder, List.copyOf(names));
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public int label(int index) {
        return labelOfEach[checked(index)];
    }

    /** The path of a picture below the folder, with slashes. */
    @Override
    public String name(int index) {
        return names.get(checked(index));
    }

    @Override
    public Optional<Picture> picture(int index) {
        if (damaged.contains(checked(index))) {
            return Optional.empty();
        }
        try {
            return Optional.of(PictureDecoder.decode(names.get(index), labelOfEach[index], bytes(index)));
        } catch (PictureDecoder.DamagedException e) {
            if (damaged.add(index)) {
                LOG.warn("{}: skipped, it cannot be decoded: {}", path(index), e.getMessage());
            }
            return Optional.empty();
        }
    }

    @Override
    public int skipped() {
        return damaged.size();
    }

    private byte[] bytes(int index) {
        try {
            return Files.readAllBytes(path(index));
        } catch (IOException e) {
            throw new UncheckedIOException(path(index) + ": cannot be read: " + e, e);
        }
    }

    private Path path(int index) {
        return folder.resolve(names.get(index));
    }

    private int checked(int index) {
        Check.argument(index >= 0 && index < size(), "index must be 0 to %s, but is %s", size() - 1, index);
        return index;
    }

    private static String slashed(Path relative) {
        return relative.toString().replace(relative.getFileSystem().getSeparator(), "/");
    }

    private static String firstLevel(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    private static boolean isPictureName(String name) {
        boolean hidden = name.startsWith(".") || name.contains("/.");
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return !hidden && name.contains(".") && ENDINGS.contains(ending);
    }
}
