package io.github.sherl4j.backbone;

import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.layer.BranchLayer;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An encoder-decoder that turns one text into another: states of both sides are [batch, tokens, width]. */
public interface SequenceNetwork extends EncoderDecoder<SequenceBatch> {
    /** The decoder's blocks, which can also be computed token by token. */
    List<BranchLayer> decoderBlocks();

    /**
     * State 0 of the decoder for one more token of each sequence.
     *
     * @param ids INT32 [batch]
     * @param result [batch, 1, width], overwritten
     */
    void embedNext(INDArray ids, Memory memory, INDArray result);

    /**
     * What the decoder's blocks need to know of one more token of each sequence; arrays lie in the memory's step arena.
     *
     * @param position its place, from 0
     */
    Context nextContext(Memory memory, long position);

    /** The output table [vocabulary, width]; it may be the table of the embeddings. */
    Parameter outputTable();

    /** Whether the output table is that of the embeddings. */
    boolean tiedOutput();

    /** What the decoder's normed states are multiplied by before the output table. */
    double outputScale();

    /** All parameters, in the order of the network. */
    List<Parameter> parameters();

    /** Number of token ids. */
    int vocabulary();

    /** Length of a state. */
    int width();

    /** The longest text on each side, special tokens included. */
    int maxTokens();

    /** What the decoder reads before the first token. */
    int startToken();

    /** What ends a text. */
    int endToken();

    /**
     * The tokenizer that belongs to the weights, owned by the network.
     *
     * @throws IllegalStateException if there is none
     */
    TextTokenizer tokenizer();
}
