package io.github.sherl4j.route;

import io.github.sherl4j.nd.Check;
import java.util.HashSet;
import java.util.List;

/**
 * What a model answers questions with.
 *
 * @param task name of the task, of letters, digits and underscores, which names the head's parameters
 * @param answers the answers that it chooses from, at least two, each once
 * @param maxTokens longer questions are cut; 20 as published
 * @param seed seed of the head's initialisation
 */
public record QuestionOptions(String task, List<String> answers, int maxTokens, long seed) {
    /** Checks and copies. */
    public QuestionOptions {
        answers = List.copyOf(answers);
        Check.argument(task.matches("\\w+"), "task must be of letters, digits and underscores, but is \"%s\"", task);
        Check.argument(answers.size() >= 2, "answers must be at least 2, but are %s", answers);
        Check.argument(
                new HashSet<>(answers).size() == answers.size(),
                "answers must be there once each, but are %s",
                answers);
        Check.argument(maxTokens >= 3, "maxTokens must be at least 3, but is %s", maxTokens);
    }

    /** Questions of VQA of at most 20 tokens. */
    public static QuestionOptions of(List<String> answers) {
        return new QuestionOptions("vqa", answers, 20, 0);
    }

    /** The same with another limit. */
    public QuestionOptions withMaxTokens(int newMaxTokens) {
        return new QuestionOptions(task, answers, newMaxTokens, seed);
    }

    /** The same with another seed. */
    public QuestionOptions withSeed(long newSeed) {
        return new QuestionOptions(task, answers, maxTokens, newSeed);
    }
}
