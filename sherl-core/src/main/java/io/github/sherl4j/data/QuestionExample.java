package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.Map;

/**
 * A question about a picture.
 *
 * @param id tells it from the others
 * @param image the picture's name
 * @param question not blank
 * @param answers accepted answers with their scores, more than 0 and at most 1; empty if there are none or they are not known
 */
public record QuestionExample(String id, String image, String question, Map<String, Double> answers) {
    /** Checks and copies. */
    public QuestionExample {
        Check.argument(!image.isBlank(), "question %s must name its picture", id);
        Check.argument(!question.isBlank(), "question %s must not be blank", id);
        answers = Map.copyOf(answers);
        answers.forEach((answer, score) -> Check.argument(
                score > 0 && score <= 1,
                "question %s must have scores over 0 and up to 1, but \"%s\" has %s",
                id,
                answer,
                score));
    }
}
