package io.github.sherl4j.metric;

import io.github.sherl4j.nd.Check;
import java.util.List;

/** Accuracy of visual question answering (Antol et al. 2015): an answer is as right as ten people's answers agree with it. */
public final class VqaAccuracy {
    private static final double ENOUGH = 3;

    private VqaAccuracy() {}

    /**
     * The score of one answer: {@code min(n / 3, 1)}, n being how many people gave it, averaged over leaving each one person out.
     * With ten people that is 0, 0.3, 0.6, 0.9 or 1.
     *
     * @param answer compared as it is
     * @param people at least two people's answers
     */
    public static double score(String answer, List<String> people) {
        Check.argument(people.size() >= 2, "people must be at least 2, but are %s", people.size());
        long same = people.stream().filter(answer::equals).count();
        long others = people.size() - same;
        double withoutOneOfThem = Math.min((same - 1) / ENOUGH, 1);
        double withoutAnother = Math.min(same / ENOUGH, 1);
        return (same * withoutOneOfThem + others * withoutAnother) / people.size();
    }

    /**
     * The mean score of predicted answers.
     *
     * @param scores the score of each question's predicted answer, from 0 to 1; 0 where nobody gave it
     */
    public static double mean(double[] scores) {
        Check.argument(scores.length > 0, "scores must be at least one, but are none");
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            Check.argument(
                    scores[i] >= 0 && scores[i] <= 1, "scores must be from 0 to 1, but entry %s is %s", i, scores[i]);
            sum += scores[i];
        }
        return sum / scores.length;
    }
}
