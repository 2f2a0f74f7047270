package io.github.sherl4j.examples;

import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the files of a data set. */
final class DataFolder {
    private DataFolder() {}

    /** The folder itself, or the one of the data set's name in it, whichever has all the files. */
    static Path find(Path folder, String name, String... files) throws FileNotFoundException {
        for (Path candidate : List.of(folder, folder.resolve(name))) {
            if (Stream.of(files).allMatch(file -> Files.isRegularFile(candidate.resolve(file)))) {
                return candidate;
            }
        }
        throw new FileNotFoundException("%s: expected %s in this folder or in its folder %s, but they are in neither"
                .formatted(folder, String.join(" and ", files), name));
    }
}
