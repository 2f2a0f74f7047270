package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Tokenized texts and what each is to be turned into. The decoder reads a target shifted by one, behind the start token, and
 * learns to say each of its tokens next; padding is neither learned nor read. The arrays belong to the batch and lie outside any
 * workspace; {@link #close()} frees them at once.
 */
public final class SequenceBatch implements Batch {
    private final TokenBatch source;
    private final @Nullable Targets targets;

    /**
     * The targets' arrays.
     *
     * @param ids INT32 [batch, target tokens]: the start token, then each target as far as there is room
     * @param labels INT32 [n], the tokens of all targets
     * @param rows INT32 [n], where each of them is in [batch * target tokens]
     */
    private record Targets(INDArray ids, INDArray labels, INDArray rows, int tokens, int maxId) {
        static Targets of(List<TokenizedText> texts, int startToken) {
            int tokens = texts.stream().mapToInt(TokenizedText::length).max().orElseThrow();
            int[][] ids = new int[texts.size()][tokens];
            List<Integer> rows = new ArrayList<>();
            List<Integer> labels = new ArrayList<>();
            for (int i = 0; i < ids.length; i++) {
                int[] text = texts.get(i).ids();
                ids[i][0] = startToken;
                System.arraycopy(text, 0, ids[i], 1, Math.min(text.length, tokens - 1));
                for (int t = 0; t < text.length; t++) {
                    rows.add(i * tokens + t);
                    labels.add(text[t]);
                }
            }
            int[] allLabels = labels.stream().mapToInt(Integer::intValue).toArray();
            int maxId = Math.max(startToken, Arrays.stream(allLabels).max().orElseThrow());
            MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
            try {
                return new Targets(
                        Nd4j.createFromArray(ids),
                        Nd4j.createFromArray(allLabels),
                        Nd4j.createFromArray(
                                rows.stream().mapToInt(Integer::intValue).toArray()),
                        tokens,
                        maxId);
            } finally {
                outside.close();
            }
        }
    }

    private SequenceBatch(TokenBatch source, @Nullable Targets targets) {
        this.source = source;
        this.targets = targets;
    }

    /**
     * Pads texts and targets to one length each.
     *
     * @param sources at least one, not modified
     * @param targets one for each source, not modified
     * @param startToken what the decoder reads before the first token
     * @return the batch, closed by the caller
     */
    public static SequenceBatch of(List<TokenizedText> sources, List<TokenizedText> targets, int startToken) {
        Check.argument(
                targets.size() == sources.size(),
                "targets must be one for each of %s sources, but are %s",
                sources.size(),
                targets.size());
        return new SequenceBatch(TokenBatch.of(sources, new int[0]), Targets.of(targets, startToken));
    }

    /** Texts whose targets nobody knows yet. */
    public static SequenceBatch of(List<TokenizedText> sources) {
        return new SequenceBatch(TokenBatch.of(sources, new int[0]), null);
    }

    /** The texts. */
    public TokenBatch source() {
        return source;
    }

    /** What the decoder reads: INT32 {@code [batch, target tokens]}, 0 as padding; owned by this batch. */
    public INDArray decoderIds() {
        return targets().ids;
    }

    /** The tokens of all targets, one text behind the other: INT32 {@code [n]}; owned by this batch. */
    public INDArray labels() {
        return targets().labels;
    }

    /** Where each of the labels is to be said: INT32 {@code [n]}, indices into [batch * target tokens]; owned by this batch. */
    public INDArray labelRows() {
        return targets().rows;
    }

    /** Number of tokens of the longest target. */
    public int targetTokens() {
        return targets().tokens;
    }

    /** The largest token id of the targets. */
    public int maxTargetId() {
        return targets().maxId;
    }

    private Targets targets() {
        if (targets == null) {
            throw new IllegalStateException("this batch has no targets");
        }
        return targets;
    }

    @Override
    public int size() {
        return source.size();
    }

    @Override
    public void close() {
        source.close();
        if (targets != null && !targets.ids.wasClosed()) {
            targets.ids.close();
            targets.labels.close();
            targets.rows.close();
        }
    }
}
