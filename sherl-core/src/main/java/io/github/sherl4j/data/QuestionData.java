package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Questions about pictures as training or validation data: tokenized, with features fetched whenever a batch is asked for. */
public final class QuestionData implements BatchSource<QuestionBatch> {
    private final List<QuestionExample> examples;
    private final List<TokenizedText> texts;
    private final VisualFeatures features;
    private final Map<String, Integer> answers;
    private final int[] lengths;

    private QuestionData(
            List<QuestionExample> examples,
            List<TokenizedText> texts,
            VisualFeatures features,
            Map<String, Integer> answers) {
        this.examples = List.copyOf(examples);
        this.texts = List.copyOf(texts);
        this.features = features;
        this.answers = answers;
        this.lengths = texts.stream().mapToInt(TokenizedText::length).toArray();
    }

    /**
     * Tokenizes questions.
     *
     * @param tokenizer stays open
     * @param maxTokens longer questions are cut
     * @param answers the answers that a network chooses from, each once; a question's other answers count for nothing
     */
    public static QuestionData of(
            List<QuestionExample> examples,
            TextTokenizer tokenizer,
            int maxTokens,
            VisualFeatures features,
            List<String> answers) {
        List<TokenizedText> texts = examples.stream()
                .map(example -> tokenizer.encode(example.question(), null, maxTokens))
                .toList();
        return of(examples, texts, features, answers);
    }

    /** The same for questions that are tokenized already. */
    public static QuestionData of(
            List<QuestionExample> examples, List<TokenizedText> texts, VisualFeatures features, List<String> answers) {
        Check.argument(!examples.isEmpty(), "examples must be at least one question, but are none");
        Check.argument(
                texts.size() == examples.size(),
                "texts must be one for each of %s questions, but are %s",
                examples.size(),
                texts.size());
        Map<String, Integer> places = new HashMap<>();
        for (String answer : answers) {
            Check.argument(
                    places.put(answer, places.size()) == null,
                    "answers must be there once each, but \"%s\" is twice",
                    answer);
        }
        return new QuestionData(examples, texts, features, places);
    }

    @Override
    public int size() {
        return examples.size();
    }

    /** The questions; not modifiable. */
    public List<QuestionExample> examples() {
        return examples;
    }

    @Override
    public List<int[]> plan(int batchSize, long seed) {
        return BatchPlan.shuffled(lengths, batchSize, seed);
    }

    @Override
    public List<int[]> sequentialPlan(int batchSize) {
        return BatchPlan.byLength(lengths, batchSize);
    }

    /** The question's number of tokens. */
    @Override
    public long cost(int index) {
        return lengths[index];
    }

    @Override
    public QuestionBatch batch(int[] indices) {
        float[][] scores = new float[answers.isEmpty() ? 0 : indices.length][answers.size()];
        for (int row = 0; row < scores.length; row++) {
            for (Map.Entry<String, Double> answer :
                    examples.get(indices[row]).answers().entrySet()) {
                Integer place = answers.get(answer.getKey());
                if (place != null) {
                    scores[row][place] = answer.getValue().floatValue();
                }
            }
        }
        return QuestionBatch.of(
                Arrays.stream(indices).mapToObj(texts::get).toList(),
                Arrays.stream(indices)
                        .mapToObj(index -> features.of(examples.get(index).image()))
                        .toList(),
                scores);
    }
}
