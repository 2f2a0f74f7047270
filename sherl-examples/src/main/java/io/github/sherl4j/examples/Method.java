package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.route.ClassifierOptions;
import io.github.sherl4j.route.SherlConfig;
import io.github.sherl4j.route.SherlModel;
import io.github.sherl4j.route.TextClassifier;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The ways of adapting a network that are compared. */
enum Method {
    /** The head alone learns. */
    HEAD(Rates.HEAD) {
        @Override
        TextClassifier classifier(TextBackbone backbone, SherlConfig sherl, ClassifierOptions options) {
            return HeadOnly.classifier(backbone, options);
        }
    },
    /** SHERL's adapter and the head learn. */
    SHERL(Rates.SHERL) {
        @Override
        TextClassifier classifier(TextBackbone backbone, SherlConfig sherl, ClassifierOptions options) {
            return SherlModel.classifier(backbone, sherl, options);
        }
    },
    /** Everything learns. */
    FULL(Rates.FULL) {
        @Override
        TextClassifier classifier(TextBackbone backbone, SherlConfig sherl, ClassifierOptions options) {
            return FullTuning.classifier(backbone, options);
        }
    };

    /** The peak learning rates of AdamW unless the user gives another, as constants for the help. */
    static final class Rates {
        static final double HEAD = 3e-2;
        static final double SHERL = 1e-3;
        static final double FULL = 1e-4;

        private Rates() {}
    }

    private final double defaultRate;

    Method(double defaultRate) {
        this.defaultRate = defaultRate;
    }

    /** The peak learning rate unless the user gives another. */
    double defaultRate() {
        return defaultRate;
    }

    /**
     * A new classifier.
     *
     * @param backbone for this classifier alone; stays open, but full fine-tuning takes its weights over
     * @param sherl used by {@link #SHERL} alone
     */
    abstract TextClassifier classifier(TextBackbone backbone, SherlConfig sherl, ClassifierOptions options);

    /** The methods of a command line in its order, each once; all if there are none. */
    static Set<Method> chosen(List<Method> given) {
        return given.isEmpty() ? EnumSet.allOf(Method.class) : new LinkedHashSet<>(given);
    }

    /** The name on the command line and in results. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
