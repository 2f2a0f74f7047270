package io.github.sherl4j.examples;

import java.util.Locale;

/** The ways of adapting a Deeplearning4j network that are compared. */
enum GraphMethod {
    /** A new head alone learns. */
    HEAD(Rates.HEAD),
    /** SHERL's adapter at the cut and a new head learn. */
    SHERL(Rates.SHERL),
    /** Deeplearning4j's transfer learning: everything behind the cut learns. */
    FROZEN(Rates.FROZEN),
    /** Deeplearning4j's fine-tuning of everything. */
    FULL(Rates.FULL);

    /** The peak learning rates of Adam unless the user gives another, as constants for the help. */
    static final class Rates {
        static final double HEAD = 1e-1;
        static final double SHERL = 3e-2;
        static final double FROZEN = 3e-2;
        static final double FULL = 1e-2;

        private Rates() {}
    }

    private final double defaultRate;

    GraphMethod(double defaultRate) {
        this.defaultRate = defaultRate;
    }

    /** The peak learning rate unless the user gives another. */
    double defaultRate() {
        return defaultRate;
    }

    /** The name on the command line and in results. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
