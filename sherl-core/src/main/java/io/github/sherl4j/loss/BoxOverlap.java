package io.github.sherl4j.loss;

/** Intersection over union of boxes of centre, width and height, and the generalised one (Rezatofighi et al. 2019). */
public final class BoxOverlap {
    private BoxOverlap() {}

    /** {@code |A and B| / |A or B|}, from 0 to 1; 0 for boxes without area. */
    public static double iou(double[] a, double[] b) {
        double intersection = side(a, b, 0) * side(a, b, 1);
        double union = a[2] * a[3] + b[2] * b[3] - intersection;
        return union > 0 ? intersection / union : 0;
    }

    /**
     * {@code iou - |hull without (A or B)| / |hull|}, over -1 and up to 1, hull being the smallest box around both.
     *
     * @param a of a positive area, not modified
     * @param b of a positive area, not modified
     */
    public static double generalized(double[] a, double[] b) {
        return generalized(a, b, new double[a.length], 0);
    }

    /**
     * The same, and adds {@code factor} times its gradient with respect to a. Where edges coincide the function has a kink; there the
     * gradient is that of one of its sides.
     *
     * @param gradient [4], added to
     */
    static double generalized(double[] a, double[] b, double[] gradient, double factor) {
        double[] inner = new double[2];
        double[] hull = new double[2];
        double[][] innerSlope = new double[2][];
        double[][] hullSlope = new double[2][];
        for (int axis = 0; axis < 2; axis++) {
            double low = a[axis] - a[axis + 2] / 2;
            double high = a[axis] + a[axis + 2] / 2;
            double otherLow = b[axis] - b[axis + 2] / 2;
            double otherHigh = b[axis] + b[axis + 2] / 2;
            inner[axis] = Math.min(high, otherHigh) - Math.max(low, otherLow);
            hull[axis] = Math.max(high, otherHigh) - Math.min(low, otherLow);
            innerSlope[axis] = slope(high < otherHigh, low > otherLow, inner[axis] > 0);
            hullSlope[axis] = slope(high >= otherHigh, low <= otherLow, true);
            inner[axis] = Math.max(inner[axis], 0);
        }
        double intersection = inner[0] * inner[1];
        double union = a[2] * a[3] + b[2] * b[3] - intersection;
        double around = hull[0] * hull[1];
        for (int axis = 0; axis < 2; axis++) {
            for (int size = 0; size < 2; size++) { // with respect to the centre, then to the size
                double gradIntersection = innerSlope[axis][size] * inner[1 - axis];
                double gradUnion = (size == 1 ? a[3 - axis] : 0) - gradIntersection;
                double gradAround = hullSlope[axis][size] * hull[1 - axis];
                gradient[axis + 2 * size] += factor
                        * (gradIntersection / union
                                - intersection / (union * union) * gradUnion
                                + gradUnion / around
                                - union / (around * around) * gradAround);
            }
        }
        return intersection / union - 1 + union / around;
    }

    /** Of {@code high - low}, each of which moves with the box or not, with respect to its centre and its size. */
    private static double[] slope(boolean highMoves, boolean lowMoves, boolean counts) {
        if (!counts) {
            return new double[2];
        }
        double high = highMoves ? 1 : 0;
        double low = lowMoves ? 1 : 0;
        return new double[] {high - low, (high + low) / 2};
    }

    private static double side(double[] a, double[] b, int axis) {
        double high = Math.min(a[axis] + a[axis + 2] / 2, b[axis] + b[axis + 2] / 2);
        double low = Math.max(a[axis] - a[axis + 2] / 2, b[axis] - b[axis + 2] / 2);
        return Math.max(0, high - low);
    }
}
