package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Some pictures of a source, numbered anew. */
public final class ImageSubset implements ImageSource {
    private final ImageSource source;
    private final int[] indices;

    private ImageSubset(ImageSource source, int[] indices) {
        this.source = source;
        this.indices = indices;
    }

    /**
     * Some pictures.
     *
     * @param indices which, at least one; copied
     */
    public static ImageSubset of(ImageSource source, int... indices) {
        Check.argument(indices.length > 0, "indices must be at least one, but are none");
        for (int index : indices) {
            Check.argument(
                    index >= 0 && index < source.size(), "index must be 0 to %s, but is %s", source.size() - 1, index);
        }
        return new ImageSubset(source, indices.clone());
    }

    /** The first pictures, or all if there are fewer. */
    public static ImageSubset first(ImageSource source, int count) {
        return of(source, IntStream.range(0, Math.min(count, source.size())).toArray());
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public List<String> labels() {
        return source.labels();
    }

    @Override
    public int label(int index) {
        return source.label(indices[checked(index)]);
    }

    @Override
    public String name(int index) {
        return source.name(indices[checked(index)]);
    }

    @Override
    public Optional<Picture> picture(int index) {
        return source.picture(indices[checked(index)]);
    }

    /** Those of these pictures cannot be told from others', so it is the whole source's number. */
    @Override
    public int skipped() {
        return source.skipped();
    }

    private int checked(int index) {
        Check.argument(index >= 0 && index < size(), "index must be 0 to %s, but is %s", size() - 1, index);
        return index;
    }
}
