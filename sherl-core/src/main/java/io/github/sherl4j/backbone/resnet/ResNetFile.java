package io.github.sherl4j.backbone.resnet;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.weights.WeightReport;
import io.github.sherl4j.weights.WeightSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.buffer.DataType;

/** A network's tensors in a file, under torchvision's names with any prefix. */
final class ResNetFile {
    private static final String FIRST = "layer1.0.conv1.weight";
    private static final Pattern BLOCK = Pattern.compile("layer(\\d+)\\.(\\d+)\\..*");
    private static final int LISTED = 5;

    private ResNetFile() {}

    /**
     * Reads all arrays.
     *
     * @throws IllegalArgumentException if the file holds another network, or lacks tensors; all of them are listed
     */
    static ResNetWeights read(ResNetConfig config, WeightSource source, DataType type) {
        String prefix = prefix(source);
        String expected = describe(config);
        String found = describe(source, prefix);
        Check.argument(
                found.equals(expected),
                "%s: expected a ResNet of %s, but got one of %s",
                source.origin(),
                expected,
                found);
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (ConvSpec spec : ConvSpec.all(config)) {
            shapes.put(prefix + spec.weightName(), spec.weightShape());
            for (String name : List.of(spec.scaleName(), spec.shiftName(), spec.meanName(), spec.varianceName())) {
                shapes.put(prefix + name, new long[] {spec.out()});
            }
        }
        WeightReport.compare(shapes, source, name -> isKnownExtra(prefix, name)).requireComplete();
        return ResNetWeights.make(config, (name, shape) -> source.read(prefix + name, type));
    }

    private static boolean isKnownExtra(String prefix, String name) {
        return name.startsWith(prefix + "fc.") || name.endsWith(".num_batches_tracked");
    }

    /** What stands before the names: nothing, or the shortest of what stands before a first convolution. */
    private static String prefix(WeightSource source) {
        return source.names().stream()
                .filter(name -> name.equals(FIRST) || name.endsWith("." + FIRST))
                .map(name -> name.substring(0, name.length() - FIRST.length()))
                .min(Comparator.comparingInt(String::length))
                .orElseThrow(() ->
                        new IllegalArgumentException("%s: holds no ResNet under torchvision's names, such as %s, but %s"
                                .formatted(source.origin(), FIRST, abridged(source))));
    }

    private static String abridged(WeightSource source) {
        List<String> names = List.copyOf(source.names());
        if (names.size() <= LISTED) {
            return names.isEmpty() ? "nothing" : String.join(", ", names);
        }
        return String.join(", ", names.subList(0, LISTED)) + ", and " + (names.size() - LISTED) + " more";
    }

    /** What tells one architecture from another: kind and number of blocks, and the groups of the first. */
    private static String describe(ResNetConfig config) {
        boolean basic = config.kind() == ResNetConfig.Kind.BASIC;
        long inner = basic ? config.channels(1) : config.innerChannels(1);
        return describe(basic, config.depths(), config.groups(), inner);
    }

    private static String describe(WeightSource source, String prefix) {
        boolean basic = !source.names().contains(prefix + "layer1.0.conv3.weight");
        Map<Integer, Integer> depths = new TreeMap<>();
        for (String name : source.names()) {
            Matcher matcher = BLOCK.matcher(name.startsWith(prefix) ? name.substring(prefix.length()) : "");
            if (matcher.matches()) {
                depths.merge(Integer.valueOf(matcher.group(1)), Integer.parseInt(matcher.group(2)) + 1, Math::max);
            }
        }
        long[] second = {1, 1};
        String secondName = prefix + "layer1.0.conv2.weight";
        if (source.names().contains(secondName) && source.shape(secondName).length == 4) {
            second = source.shape(secondName);
        }
        return describe(basic, new ArrayList<>(depths.values()), second[0] / Math.max(1, second[1]), second[0]);
    }

    private static String describe(boolean basic, List<Integer> depths, long groups, long inner) {
        return "%s blocks %s, the first %d channels wide in %s"
                .formatted(
                        basic ? "basic" : "bottleneck", depths, inner, groups == 1 ? "one group" : groups + " groups");
    }
}
