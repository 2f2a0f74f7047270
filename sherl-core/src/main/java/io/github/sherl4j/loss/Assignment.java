package io.github.sherl4j.loss;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;

/**
 * The Hungarian method (Kuhn 1955, Munkres 1957) with shortest augmenting paths: gives each row a column of its own so that the sum
 * of costs is least, in rows^2 * columns operations.
 */
public final class Assignment {
    private Assignment() {}

    /**
     * The best assignment.
     *
     * @param costs [rows][columns], no more rows than columns, finite, not modified
     * @return the column of each row
     */
    public static int[] of(double[][] costs) {
        int rows = costs.length;
        if (rows == 0) {
            return new int[0];
        }
        int columns = costs[0].length;
        Check.argument(rows <= columns, "costs must have no more rows than columns, but have %s and %s", rows, columns);
        for (double[] row : costs) {
            Check.argument(
                    row.length == columns && Arrays.stream(row).allMatch(Double::isFinite),
                    "costs must be rows of %s finite numbers, but one is %s",
                    columns,
                    Arrays.toString(row));
        }
        // Potentials of rows and columns keep costs[i][j] - u[i] - v[j] >= 0, with equality on the assignment; place 0
        // is the start.
        double[] u = new double[rows + 1];
        double[] v = new double[columns + 1];
        int[] rowOf = new int[columns + 1];
        int[] before = new int[columns + 1];
        for (int row = 1; row <= rows; row++) {
            rowOf[0] = row;
            int end = path(costs, u, v, rowOf, before);
            while (end != 0) {
                rowOf[end] = rowOf[before[end]];
                end = before[end];
            }
        }
        int[] columnOf = new int[rows];
        for (int column = 1; column <= columns; column++) {
            if (rowOf[column] > 0) {
                columnOf[rowOf[column] - 1] = column - 1;
            }
        }
        return columnOf;
    }

    /** The free column at the end of the shortest augmenting path from the row at place 0; potentials are moved along. */
    private static int path(double[][] costs, double[] u, double[] v, int[] rowOf, int[] before) {
        int columns = v.length - 1;
        double[] distance = new double[columns + 1];
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        boolean[] done = new boolean[columns + 1];
        int at = 0;
        while (rowOf[at] != 0) {
            done[at] = true;
            int row = rowOf[at];
            int nearest = 0;
            double least = Double.POSITIVE_INFINITY;
            for (int column = 1; column <= columns; column++) {
                if (done[column]) {
                    continue;
                }
                double reduced = costs[row - 1][column - 1] - u[row] - v[column];
                if (reduced < distance[column]) {
                    distance[column] = reduced;
                    before[column] = at;
                }
                if (distance[column] < least) {
                    least = distance[column];
                    nearest = column;
                }
            }
            for (int column = 0; column <= columns; column++) {
                if (done[column]) {
                    u[rowOf[column]] += least;
                    v[column] -= least;
                } else {
                    distance[column] -= least;
                }
            }
            at = nearest;
        }
        return at;
    }
}
