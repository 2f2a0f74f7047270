package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.backbone.Fingerprint;
import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.TensorShapes;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.data.SceneBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.NativeArrays;
import io.github.sherl4j.weights.SafeTensors;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * MDETR as a whole (Kamath et al. 2021): a network for pictures and one for texts, projections of their last states to one width, the
 * encoder and decoder over both, the queries, and the weights that the heads start from. Frozen as loaded.
 */
public final class MdetrNetwork implements AutoCloseable {
    private static final double MASKED_SCORE = -1e9;
    private static final double TEXT_NORM_EPS = 1e-12;
    private static final String TRANSFORMER = "transformer.";
    private static final String IMAGE = "input_proj";
    private static final String TEXT = "transformer.resizer.fc";
    private static final String TEXT_NORM = "transformer.resizer.layer_norm";
    private static final String QUERIES = "query_embed.weight";
    private static final String CLASSES = "class_embed";
    private static final String BOXES = "bbox_embed.layers.";

    private final ImageBackbone images;
    private final TextBackbone texts;
    private final DetrTransformer transformer;
    private final NamedParameters front;
    private final NamedParameters heads;
    private final SceneProjection projection;
    private final Parameter queries;
    private final String fingerprint;

    private MdetrNetwork(
            ImageBackbone images,
            TextBackbone texts,
            DetrTransformer transformer,
            NamedParameters front,
            NamedParameters heads) {
        this.images = images;
        this.texts = texts;
        this.transformer = transformer;
        this.front = front;
        this.heads = heads;
        this.projection =
                new SceneProjection(front.linear(IMAGE), front.linear(TEXT), front.norm(TEXT_NORM, TEXT_NORM_EPS));
        this.queries = front.get(QUERIES);
        List<Parameter> own = Stream.of(transformer.parameters(), front.all(), heads.all())
                .flatMap(List::stream)
                .toList();
        this.fingerprint = Fingerprint.of(transformer.config() + images.fingerprint() + texts.fingerprint(), own);
    }

    /**
     * Loads the weights of everything but the two networks in front under MDETR's names.
     *
     * @param classes places of tokens in a text and, last, no object: 256 as published
     * @param weights read, not closed
     * @param images owned from now on, unless loading fails
     * @param texts owned from now on, unless loading fails
     * @throws IllegalArgumentException if weights are missing or have other shapes; all of them are listed
     */
    public static MdetrNetwork load(
            DetrConfig config, int classes, WeightSource weights, ImageBackbone images, TextBackbone texts) {
        Check.argument(
                images.type() == texts.type(),
                "images and texts must be of one type, but are %s and %s",
                images.type(),
                texts.type());
        DataType type = images.type();
        TensorShapes transformerShapes = new TensorShapes();
        DetrTransformer.addShapes(transformerShapes, config);
        NamedParameters transformer =
                InProjection.read(transformerShapes.byName(), name -> TRANSFORMER + name, weights, type, name -> true);
        NamedParameters front = null;
        try {
            front = InProjection.read(
                    frontShapes(config, images.width(), texts.width()).byName(),
                    name -> name,
                    new ConvolutionAsMatrix(weights, IMAGE + ".weight"),
                    type,
                    name -> true);
            NamedParameters heads =
                    InProjection.read(headShapes(config, classes).byName(), name -> name, weights, type, name -> true);
            return new MdetrNetwork(images, texts, new DetrTransformer(config, transformer, type), front, heads);
        } catch (RuntimeException e) {
            transformer.all().forEach(Parameter::close);
            if (front != null) {
                front.all().forEach(Parameter::close);
            }
            throw e;
        }
    }

    /** A network with random weights, normally distributed with deviation 0.02, over two networks that it owns from now on. */
    public static MdetrNetwork random(
            DetrConfig config, int classes, ImageBackbone images, TextBackbone texts, long seed) {
        DataType type = images.type();
        TensorShapes shapes = new TensorShapes();
        DetrTransformer.addShapes(shapes, config);
        return new MdetrNetwork(
                images,
                texts,
                new DetrTransformer(config, shapes.random(type, seed), type),
                frontShapes(config, images.width(), texts.width()).random(type, seed + 1),
                headShapes(config, classes).random(type, seed + 2));
    }

    private static TensorShapes frontShapes(DetrConfig config, long imageWidth, long textWidth) {
        long width = config.width();
        return new TensorShapes()
                .linear(IMAGE, width, imageWidth)
                .linear(TEXT, width, textWidth)
                .norm(TEXT_NORM, width)
                .weight(QUERIES, config.queries(), width);
    }

    private static TensorShapes headShapes(DetrConfig config, int classes) {
        Check.argument(classes >= 2, "classes must be at least 2, but is %s", classes);
        long width = config.width();
        return new TensorShapes()
                .linear(CLASSES, classes, width)
                .linear(BOXES + 0, width, width)
                .linear(BOXES + 1, width, width)
                .linear(BOXES + 2, 4, width);
    }

    /**
     * Adds the tensors of everything but the two networks in front, under MDETR's names, to what will be written.
     *
     * @param tensors added to; what is new in it is either this network's or the caller's to free
     */
    public void addTensors(Map<String, INDArray> tensors) {
        Map<String, INDArray> inner = new LinkedHashMap<>();
        transformer.parameters().forEach(parameter -> inner.put(parameter.name(), parameter.value()));
        InProjection.stored(inner).forEach((name, value) -> tensors.put(TRANSFORMER + name, value));
        Stream.concat(front.all().stream(), heads.all().stream()).forEach(parameter -> {
            INDArray value = parameter.value();
            boolean convolution = parameter.name().equals(IMAGE + ".weight");
            tensors.put(
                    parameter.name(),
                    convolution ? value.dup('c').reshape('c', value.size(0), value.size(1), 1, 1) : value);
        });
    }

    /**
     * Writes {@link #addTensors} and nothing else.
     *
     * @throws IOException if the file cannot be written; an older one is unharmed then
     */
    public void save(Path file) throws IOException {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        addTensors(tensors);
        SafeTensors.write(file, tensors, Map.of());
    }

    /**
     * What the blocks read of a batch, in the step arena and the host's arrays of the memory.
     *
     * @param rows of the picture network's last state
     * @param columns likewise
     */
    public Scene scene(SceneBatch batch, Memory memory, int rows, int columns) {
        int width = transformer.config().width();
        int tokens = batch.texts().tokens();
        int all = rows * columns + tokens;
        INDArray positions = memory.hostArray(batch.size(), all, width);
        INDArray bias = memory.hostArray(batch.size(), 1, 1, all);
        int[] lengths = batch.texts().lengths();
        long paddedHeight = batch.images().pixels().size(1);
        long paddedWidth = batch.images().pixels().size(2);
        for (int b = 0; b < batch.size(); b++) {
            int realRows = real(rows, paddedHeight, batch.sizes()[b][0]);
            int realColumns = real(columns, paddedWidth, batch.sizes()[b][1]);
            double[] grid = SinePositions.of(rows, columns, realRows, realColumns, width);
            long start = (long) b * all * width;
            for (int i = 0; i < all * width; i++) {
                positions.data().put(start + i, i < grid.length ? grid[i] : 0);
            }
            for (int i = 0; i < all; i++) {
                boolean real = i < rows * columns
                        ? i / columns < realRows && i % columns < realColumns
                        : i - rows * columns < lengths[b];
                bias.data().put((long) b * all + i, real ? 0 : MASKED_SCORE);
            }
        }
        INDArray repeated = memory.step().array(batch.size(), queries.value().size(0), width);
        memory.ops()
                .repeatRow(
                        memory.reshape(queries.value(), queries.value().length()),
                        memory.reshape(repeated, batch.size(), queries.value().length()));
        return new Scene(Context.of(memory), positions, bias, repeated);
    }

    /** How many cells of a grid see a picture's own pixels: those whose sampled pixel, as the mask is made small, is no padding. */
    private static int real(int cells, long padded, int size) {
        int real = 0;
        while (real < cells && real * padded / cells < size) {
            real++;
        }
        return real;
    }

    /** The projections in front of the encoder. */
    public SceneProjection front() {
        return projection;
    }

    /**
     * New parameters of the heads with the values that were loaded: logits of token places and of no object, and the three layers of the
     * boxes.
     *
     * @return {@code class_embed}, {@code bbox_embed.layers.0} to {@code 2}; owned by the caller
     */
    public List<Linear> newHeads() {
        List<Linear> layers = new ArrayList<>();
        for (String name : List.of(CLASSES, BOXES + 0, BOXES + 1, BOXES + 2)) {
            layers.add(new Linear(
                    Parameter.weight(
                            name + ".weight",
                            heads.get(name + ".weight").value().dup('c')),
                    Parameter.unregularized(
                            name + ".bias", heads.get(name + ".bias").value().dup('c'))));
        }
        return layers;
    }

    /** Overwrites the weights that heads start from, such as after a training of the whole. */
    public void heads(List<Linear> trained) {
        for (Linear layer : trained) {
            for (Parameter parameter : layer.parameters()) {
                NativeArrays.copy(parameter.value(), heads.get(parameter.name()).value());
            }
        }
    }

    /** The network for pictures. */
    public ImageBackbone images() {
        return images;
    }

    /** The network for texts. */
    public TextBackbone texts() {
        return texts;
    }

    /** Encoder and decoder. */
    public DetrTransformer transformer() {
        return transformer;
    }

    /** What is learned of each query, [queries, width]. */
    public Parameter queries() {
        return queries;
    }

    /** Token places and no object. */
    public int classes() {
        return (int) heads.get(CLASSES + ".bias").value().length();
    }

    /** Projections and queries. */
    public List<Parameter> frontParameters() {
        return front.all();
    }

    /** All parameters but those that heads start from. */
    public List<Parameter> parameters() {
        return Stream.of(images.parameters(), texts.parameters(), front.all(), transformer.parameters())
                .flatMap(List::stream)
                .toList();
    }

    /** A digest of sizes and weights as they were loaded. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Frees the weights, those of the two networks in front too. */
    @Override
    public void close() {
        images.close();
        texts.close();
        transformer.close();
        front.all().forEach(Parameter::close);
        heads.all().forEach(Parameter::close);
    }
}
