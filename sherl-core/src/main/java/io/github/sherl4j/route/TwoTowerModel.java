package io.github.sherl4j.route;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.Batch;
import io.github.sherl4j.data.BatchSource;
import io.github.sherl4j.data.PairBatch;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Retrieval by two towers, one of images (or videos) and one of texts, whose embeddings of matching pairs are drawn together
 * and pushed away from those of all other pairs in the batch.
 *
 * <p>Many negatives fit in little memory: a batch's embeddings are computed part by part, keeping nothing else; then their
 * loss and its gradient with respect to the embeddings; then each part again, with its backward pass. The sum is the exact
 * gradient of the whole batch, dropout included, since both passes draw it from the same seeds. (A batch norm on batch
 * statistics in an adapter sees the part.) A batch that is not parted is computed once.
 *
 * <p>Training is for one thread at a time, embedding for any number of threads while nobody trains.
 *
 * @param <I> a batch of images
 * @param <T> a batch of texts
 */
public final class TwoTowerModel<I extends Batch, T extends Batch> implements Model<PairBatch<I, T>> {
    private static final String IMAGE = "image.";
    private static final String TEXT = "text.";
    private static final long IMAGES_USE = 5;
    private static final long TEXTS_USE = 6;

    private final Tower<I> images;
    private final Tower<T> texts;
    private final PairLoss loss;
    private final ParameterGroups parameters;
    private final MemoryPool pairMemories;
    private final MemoryPool imageMemories;
    private final MemoryPool textMemories;
    private final List<StateCache> caches = new ArrayList<>();
    private int epoch;

    /**
     * A model.
     *
     * @param images makes embeddings as long as {@code texts}; its parameters become trainable
     * @param texts its parameters become trainable
     */
    public TwoTowerModel(Tower<I> images, Tower<T> texts, PairLoss loss) {
        Check.argument(
                images.width() == texts.width(),
                "texts must make embeddings of length %s as images does, but makes them of length %s",
                images.width(),
                texts.width());
        this.images = images;
        this.texts = texts;
        this.loss = loss;
        Map<String, List<Parameter>> learning = new LinkedHashMap<>();
        learning.put(IMAGE, images.trainable());
        learning.put(TEXT, texts.trainable());
        this.parameters = ParameterGroups.prefixed(learning);
        this.pairMemories = new MemoryPool(images.backbone().type());
        this.imageMemories = new MemoryPool(images.backbone().type());
        this.textMemories = new MemoryPool(texts.backbone().type());
    }

    /**
     * Loads what {@link #save} wrote.
     *
     * @param images the network that the towers of images were trained on; shared, stays open
     * @param texts the same for texts
     * @param loss for further training
     * @param folder with {@code adapter.safetensors}
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if the file holds no two towers, is damaged, or was trained on other networks
     */
    public static <I extends Batch, T extends Batch> TwoTowerModel<I, T> load(
            Backbone<I> images, Backbone<T> texts, PairLoss loss, Path folder) throws IOException {
        return TowerFiles.load(images, texts, loss, folder);
    }

    /**
     * Saves adapters and heads of both towers, a few megabytes: {@code adapter.safetensors}, and {@code adapter.json}, which
     * tells people what is in it. Files that were there are replaced only when the new ones are safe on disk.
     *
     * @param folder made if it does not exist
     * @throws IllegalStateException if a tower was not made by {@link Tower#of}
     */
    public void save(Path folder) throws IOException {
        TowerFiles.save(this, images, texts, folder);
    }

    @Override
    public void startEpoch(int number) {
        epoch = number;
    }

    @Override
    public double accumulate(PairBatch<I, T> batch, double weight, long seed) {
        Check.argument(
                batch.size() >= 2,
                "batch must have at least 2 pairs, since the others are the negatives, but has %s",
                batch.size());
        Check.argument(
                weight == 1,
                "weight must be 1, since a batch of pairs is its own negatives and cannot be fed in parts, but is %s",
                weight);
        try (MemoryPool.Loan pairLoan = pairMemories.borrow();
                MemoryPool.Loan imageLoan = imageMemories.borrow();
                MemoryPool.Loan textLoan = textMemories.borrow()) {
            Memory pairs = pairLoan.memory();
            TowerPass<I> imagePass =
                    new TowerPass<>(images, imageLoan.memory(), pairs, batch.images(), Rng.derive(seed, IMAGES_USE));
            TowerPass<T> textPass =
                    new TowerPass<>(texts, textLoan.memory(), pairs, batch.texts(), Rng.derive(seed, TEXTS_USE));
            INDArray imageEmbeddings = pairs.step().array(batch.size(), images.width());
            INDArray textEmbeddings = pairs.step().array(batch.size(), texts.width());
            imagePass.forward(pairs, imageEmbeddings);
            textPass.forward(pairs, textEmbeddings);
            PairLoss.Result result = loss.of(pairs, imageEmbeddings, textEmbeddings, weight, epoch);
            imagePass.backward(pairs, result.gradImages());
            textPass.backward(pairs, result.gradTexts());
            return result.value();
        }
    }

    /** The tower of images or videos. */
    public Tower<I> images() {
        return images;
    }

    /** The tower of texts. */
    public Tower<T> texts() {
        return texts;
    }

    /**
     * Embeddings of all images of a data set.
     *
     * @param atOnce how many are computed at a time
     * @return [images, width], owned by the caller
     */
    public INDArray embedImages(BatchSource<I> data, int atOnce) {
        return images.embed(imageMemories, data, atOnce);
    }

    /**
     * Embeddings of all texts of a data set.
     *
     * @param atOnce how many are computed at a time
     * @return [texts, width], owned by the caller
     */
    public INDArray embedTexts(BatchSource<T> data, int atOnce) {
        return texts.embed(textMemories, data, atOnce);
    }

    /**
     * Keeps the frozen parts' states of every training example in files from now on, one for each tower that has a frozen part,
     * so that later epochs, and the second pass over a batch in parts, need not compute them again. Examples without keys, such
     * as pictures that are drawn anew in each epoch, are computed each time.
     *
     * @param folder where the files are made; they are deleted when the model is closed
     * @param maxBytes largest size of each file; examples that no longer fit are computed each time
     * @throws IOException if no file can be made there
     * @throws UnsupportedOperationException if nothing in either tower is frozen
     */
    public void cacheStates(Path folder, long maxBytes) throws IOException {
        Check.argument(caches.isEmpty(), "This model caches its states already");
        for (Route<?> route : List.of(images.route(), texts.route())) {
            StateCache states = StateCache.create(folder, maxBytes);
            try {
                route.cacheStates(states);
                caches.add(states);
            } catch (UnsupportedOperationException e) {
                states.close();
            }
        }
        if (caches.isEmpty()) {
            throw new UnsupportedOperationException(
                    "Nothing in these towers is frozen, so there are no states to cache");
        }
    }

    private void closeCaches() {
        caches.forEach(StateCache::close);
        caches.clear();
    }

    @Override
    public ParameterGroups parameters() {
        return parameters;
    }

    @Override
    public List<Parameter> buffers() {
        return Stream.concat(images.route().buffers().stream(), texts.route().buffers().stream())
                .toList();
    }

    @Override
    public Map<String, Parameter> namedBuffers() {
        Map<String, Parameter> named = new LinkedHashMap<>();
        images.route().buffers().forEach(buffer -> named.put(IMAGE + buffer.name(), buffer));
        texts.route().buffers().forEach(buffer -> named.put(TEXT + buffer.name(), buffer));
        return named;
    }

    @Override
    public long workingBytes() {
        return pairMemories.bytes() + imageMemories.bytes() + textMemories.bytes();
    }

    @Override
    public void close() {
        pairMemories.close();
        imageMemories.close();
        textMemories.close();
        parameters.close();
        buffers().forEach(Parameter::close);
        closeCaches();
    }
}
