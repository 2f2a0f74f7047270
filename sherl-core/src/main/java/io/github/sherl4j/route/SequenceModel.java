package io.github.sherl4j.route;

import io.github.sherl4j.backbone.SequenceNetwork;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.data.SequenceData;
import io.github.sherl4j.data.SequenceExample;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.head.VocabularyHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Turns texts into texts: a route through an encoder-decoder, its output table, and the mean cross-entropy of the targets' tokens.
 * (So where a batch is fed in parts, the parts' means are averaged.) Training is for one thread at a time, prediction for any
 * number of threads while nobody trains. Closing it does not close the network.
 */
public class SequenceModel implements Model<SequenceBatch> {
    private static final int PREDICTED_AT_ONCE = 32;

    private final SequenceNetwork network;
    private final SequenceRoute route;
    private final VocabularyHead head;
    private final SequenceOptions options;
    private final ParameterGroups parameters;
    private final MemoryPool memories;

    /**
     * A model.
     *
     * @param network shared; stays open
     * @param route through that network; its parameters become trainable
     */
    public SequenceModel(SequenceNetwork network, SequenceRoute route, SequenceOptions options) {
        options.requireFits(network);
        this.network = network;
        this.route = route;
        this.head = route.head();
        this.options = options;
        this.parameters = ParameterGroups.prefixed(route.named());
        this.memories = new MemoryPool(network.type());
    }

    @Override
    public double accumulate(SequenceBatch batch, double weight, long seed) {
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            Context context = network.encoder().context(memory, batch, OptionalLong.of(seed));
            INDArray states = memory.step().array(route.resultShape(batch));
            Route.RouteStep step = route.forward(batch, context, states);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradStates = memory.scratch().array(states.shape());
                double loss = head.loss(states, batch.labelRows(), batch.labels(), memory, weight, gradStates);
                step.backward(gradStates);
                return loss;
            }
        }
    }

    /**
     * Predicts targets greedily: each next token is the one with the largest logit.
     *
     * @param texts not blank; longer ones than the maximal length are cut
     * @return a text for each, in their order; empty where the network ends at once
     */
    public List<String> predict(List<String> texts) {
        TextTokenizer tokenizer = network.tokenizer();
        SequenceData.Limits limits = options.limits(network);
        List<TokenizedText> sources = texts.stream()
                .map(text -> SequenceData.source(text, tokenizer, limits))
                .toList();
        return generate(sources).stream().map(tokenizer::decode).toList();
    }

    /**
     * Predicts targets of tokenized texts.
     *
     * @return the tokens for each, in their order, without the end token
     */
    public List<int[]> generate(List<TokenizedText> sources) {
        int[][] all = new int[sources.size()][];
        Integer[] byLength = IntStream.range(0, all.length).boxed().toArray(Integer[]::new);
        Arrays.sort(byLength, (a, b) -> sources.get(b).length() - sources.get(a).length());
        for (int from = 0; from < all.length; ) {
            int to = from + Math.min(PREDICTED_AT_ONCE, all.length - from);
            List<Integer> chosen = List.of(byLength).subList(from, to);
            List<int[]> targets =
                    generateBatch(chosen.stream().map(sources::get).toList());
            for (int i = 0; i < targets.size(); i++) {
                all[chosen.get(i)] = targets.get(i);
            }
            from = to;
        }
        return List.of(all);
    }

    private List<int[]> generateBatch(List<TokenizedText> sources) {
        int size = sources.size();
        int[] start = new int[size];
        Arrays.fill(start, network.startToken());
        List<List<Integer>> targets = new ArrayList<>();
        sources.forEach(source -> targets.add(new ArrayList<>()));
        boolean[] ended = new boolean[size];
        try (SequenceBatch batch = SequenceBatch.of(sources);
                MemoryPool.Loan kept = memories.borrow();
                MemoryPool.Loan working = memories.borrow();
                INDArray ids =
                        Nd4j.createFromArray(Arrays.stream(start).asLongStream().toArray())) {
            Context context = network.encoder().context(kept.memory(), batch, OptionalLong.empty());
            Decoding decoding = route.decoding(batch, context, options.maxTargetTokens());
            Memory memory = working.memory();
            int running = size;
            for (int length = 0; length < options.maxTargetTokens() && running > 0; length++) {
                memory.reset();
                INDArray states = memory.step().array(size, 1, network.width());
                INDArray logits = memory.step().array(size, network.vocabulary());
                decoding.next(ids, memory, states);
                head.infer(memory.rows(states), memory, logits);
                memory.ops().largestOfRows(logits, ids);
                for (int i = 0; i < size; i++) {
                    int id = ids.getInt(i);
                    if (!ended[i] && id == network.endToken()) {
                        ended[i] = true;
                        running--;
                    }
                    if (!ended[i]) {
                        targets.get(i).add(id);
                    }
                }
            }
        }
        return targets.stream()
                .map(target -> target.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /** Tokenizes examples as this model needs them. */
    public SequenceData tokenize(List<SequenceExample> examples) {
        return SequenceData.of(examples, network.tokenizer(), options.limits(network));
    }

    /** Share of the examples whose prediction is the target, but for the spaces around both. */
    public double exactMatches(List<SequenceExample> examples) {
        List<String> predicted =
                predict(examples.stream().map(SequenceExample::source).toList());
        long right = IntStream.range(0, examples.size())
                .filter(i ->
                        predicted.get(i).strip().equals(examples.get(i).target().strip()))
                .count();
        return examples.isEmpty() ? 0 : (double) right / examples.size();
    }

    /** How long texts may be. */
    public SequenceOptions options() {
        return options;
    }

    /** The network that this model shares. */
    public SequenceNetwork network() {
        return network;
    }

    @Override
    public ParameterGroups parameters() {
        return parameters;
    }

    @Override
    public long workingBytes() {
        return memories.bytes();
    }

    @Override
    public void close() {
        memories.close();
        parameters.close();
    }
}
