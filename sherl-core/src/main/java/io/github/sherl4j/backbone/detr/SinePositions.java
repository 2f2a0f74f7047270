package io.github.sherl4j.backbone.detr;

/**
 * DETR's positions of a picture's grid (Carion et al. 2020): sines and cosines of 2 pi times the share of the way down, then across,
 * of the cells that are no padding.
 */
final class SinePositions {
    private static final double TEMPERATURE = 10000;
    private static final double EPS = 1e-6;

    private SinePositions() {}

    /**
     * The positions of one picture.
     *
     * @param rows of the grid, of which the first {@code realRows} are no padding
     * @param width of a position, the first half for the way down
     * @return [rows * columns * width]
     */
    static double[] of(int rows, int columns, int realRows, int realColumns, int width) {
        int half = width / 2;
        double[] positions = new double[rows * columns * width];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int start = (row * columns + column) * width;
                fill(positions, start, half, Math.min(row + 1, realRows) / (realRows + EPS));
                fill(positions, start + half, half, Math.min(column + 1, realColumns) / (realColumns + EPS));
            }
        }
        return positions;
    }

    private static void fill(double[] positions, int start, int length, double share) {
        for (int i = 0; i < length; i++) {
            int pair = i - i % 2;
            double angle = 2 * Math.PI * share / Math.pow(TEMPERATURE, pair / (double) length);
            positions[start + i] = i % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
        }
    }
}
