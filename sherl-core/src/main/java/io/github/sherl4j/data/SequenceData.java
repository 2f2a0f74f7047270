package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tokenized texts and their targets, in memory. */
public final class SequenceData implements BatchSource<SequenceBatch> {
    private final List<TokenizedText> sources;
    private final List<TokenizedText> targets;
    private final int[] lengths;
    private final int startToken;

    private SequenceData(List<TokenizedText> sources, List<TokenizedText> targets, int startToken) {
        this.sources = List.copyOf(sources);
        this.targets = List.copyOf(targets);
        this.startToken = startToken;
        this.lengths = new int[sources.size()];
        Arrays.setAll(lengths, i -> sources.get(i).length() + targets.get(i).length());
    }

    /**
     * What the texts are cut into, and what they may have.
     *
     * @param maxSourceTokens longer texts are cut
     * @param maxTargetTokens longer targets are refused, since half a target would be learned as a whole one
     * @param startToken what the decoder reads before the first token
     * @param endToken what ends a text; added where the tokenizer does not
     */
    public record Limits(int maxSourceTokens, int maxTargetTokens, int startToken, int endToken) {
        /** Checks the numbers. */
        public Limits {
            Check.argument(maxSourceTokens > 1, "maxSourceTokens must be more than 1, but is %s", maxSourceTokens);
            Check.argument(maxTargetTokens > 1, "maxTargetTokens must be more than 1, but is %s", maxTargetTokens);
        }
    }

    /**
     * Tokenizes examples.
     *
     * @param examples at least one
     * @param tokenizer the network's; stays open
     * @throws IllegalArgumentException if there is no example, or a target is too long; the message has the example
     */
    public static SequenceData of(List<SequenceExample> examples, TextTokenizer tokenizer, Limits limits) {
        List<TokenizedText> sources = new ArrayList<>(examples.size());
        List<TokenizedText> targets = new ArrayList<>(examples.size());
        for (int i = 0; i < examples.size(); i++) {
            SequenceExample example = examples.get(i);
            TokenizedText target = ended(tokenizer.encode(example.target(), null, Integer.MAX_VALUE), limits.endToken);
            Check.argument(
                    target.length() <= limits.maxTargetTokens,
                    "examples[%s] has a target of %s tokens, but at most %s are allowed",
                    i,
                    target.length(),
                    limits.maxTargetTokens);
            sources.add(source(example.source(), tokenizer, limits));
            targets.add(target);
        }
        return of(sources, targets, limits.startToken);
    }

    /**
     * Takes texts that are tokenized already.
     *
     * @param sources at least one; the list is copied
     * @param targets one for each source; the list is copied
     * @param startToken what the decoder reads before the first token
     */
    public static SequenceData of(List<TokenizedText> sources, List<TokenizedText> targets, int startToken) {
        Check.argument(!sources.isEmpty(), "examples must not be empty");
        Check.argument(
                targets.size() == sources.size(),
                "targets must be one for each of %s sources, but are %s",
                sources.size(),
                targets.size());
        return new SequenceData(sources, targets, startToken);
    }

    /**
     * Tokenizes a text as those of the examples.
     *
     * @param text not blank; cut if it is too long
     */
    public static TokenizedText source(String text, TextTokenizer tokenizer, Limits limits) {
        TokenizedText tokens = tokenizer.encode(text, null, limits.maxSourceTokens);
        return tokens.length() < limits.maxSourceTokens ? ended(tokens, limits.endToken) : tokens;
    }

    private static TokenizedText ended(TokenizedText text, int endToken) {
        int length = text.length();
        if (text.ids()[length - 1] == endToken) {
            return text;
        }
        int[] ids = Arrays.copyOf(text.ids(), length + 1);
        ids[length] = endToken;
        return new TokenizedText(ids, Arrays.copyOf(text.types(), length + 1));
    }

    @Override
    public int size() {
        return sources.size();
    }

    @Override
    public List<int[]> plan(int batchSize, long seed) {
        return BatchPlan.shuffled(lengths, batchSize, seed);
    }

    @Override
    public List<int[]> sequentialPlan(int batchSize) {
        return BatchPlan.byLength(lengths, batchSize);
    }

    @Override
    public long cost(int index) {
        return lengths[index];
    }

    @Override
    public SequenceBatch batch(int[] indices) {
        return SequenceBatch.of(
                Arrays.stream(indices).mapToObj(sources::get).toList(),
                Arrays.stream(indices).mapToObj(targets::get).toList(),
                startToken);
    }
}
