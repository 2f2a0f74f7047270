package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Videos as folders of frames, such as {@code ffmpeg -i video.mp4 -vf fps=1 video/%05d.jpg} makes them: all pictures of a
 * video's folder, in the order of their names, so numbers need leading zeros.
 */
public final class VideoFolder implements VideoSource {
    private final List<String> names;
    private final List<ImageFolder> videos;

    private VideoFolder(List<String> names, List<ImageFolder> videos) {
        this.names = names;
        this.videos = videos;
    }

    /**
     * Lists the frames of some videos; none is decoded yet.
     *
     * @param folder with a folder for each video
     * @param videos names of those folders, at least one; copied
     * @throws IOException if a folder does not exist or cannot be listed
     * @throws IllegalArgumentException if a folder holds no pictures
     */
    public static VideoFolder open(Path folder, List<String> videos) throws IOException {
        Check.argument(!videos.isEmpty(), "videos must be at least one, but are none");
        List<ImageFolder> opened = new ArrayList<>();
        for (String name : videos) {
            Path own = folder.resolve(name);
            if (!Files.isDirectory(own)) {
                throw new NoSuchFileException(
                        own.toString(), null, "there is no such folder of frames for the video \"" + name + "\"");
            }
            opened.add(ImageFolder.open(own));
        }
        return new VideoFolder(List.copyOf(videos), List.copyOf(opened));
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public String name(int index) {
        return names.get(index);
    }

    @Override
    public ImageSource frames(int index) {
        return videos.get(index);
    }
}
