package io.github.sherl4j.examples;

import io.github.sherl4j.examples.PretrainHistory.Epoch;
import io.github.sherl4j.weights.AtomicFile;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A picture of a pre-training: the loss and its two sums, accuracy, and the health of the embeddings, over the epochs. */
final class PretrainCurves {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 320;

    private PretrainCurves() {}

    /** Writes a PNG of three charts; what was there is replaced as a whole. */
    static void write(Path file, List<Epoch> epochs) throws IOException {
        XYChart loss = chart("Loss");
        loss.getStyler().setYAxisLogarithmic(true);
        add(loss, "loss", epochs, Epoch::loss, true);
        add(loss, "diagonal: sum of (c_ii - 1)^2", epochs, Epoch::diagonal, true);
        add(loss, "off-diagonal: sum of c_ij^2", epochs, Epoch::offDiagonal, true);
        XYChart accuracy = chart("Accuracy on held-out pictures");
        add(accuracy, "nearest neighbours", epochs, Epoch::neighbours, false);
        add(accuracy, "linear probe", epochs, Epoch::probe, false);
        XYChart health = chart("Embeddings");
        health.getStyler().setYAxisLogarithmic(true);
        add(health, "standard deviation", epochs, epoch -> epoch.health().deviation(), true);
        add(health, "effective rank", epochs, epoch -> epoch.health().effectiveRank(), true);
        List<XYChart> charts = List.of(loss, accuracy, health);
        BufferedImage all = new BufferedImage(WIDTH, HEIGHT * charts.size(), BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = all.createGraphics();
        for (int i = 0; i < charts.size(); i++) {
            canvas.drawImage(BitmapEncoder.getBufferedImage(charts.get(i)), 0, i * HEIGHT, null);
        }
        canvas.dispose();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(all, "png", png);
        AtomicFile.write(file, png.toByteArray());
    }

    private static XYChart chart(String title) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("epoch")
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        return chart;
    }

    /** Leaves out what was not measured, and on a logarithmic axis what it cannot show. */
    private static void add(
            XYChart chart, String name, List<Epoch> epochs, ToDoubleFunction<Epoch> value, boolean positive) {
        List<Epoch> shown = epochs.stream()
                .filter(epoch -> Double.isFinite(value.applyAsDouble(epoch)))
                .filter(epoch -> !positive || value.applyAsDouble(epoch) > 0)
                .toList();
        if (!shown.isEmpty()) {
            double[] x = shown.stream().mapToDouble(Epoch::number).toArray();
            double[] y = shown.stream().mapToDouble(value).toArray();
            chart.addSeries(name, x, y).setMarker(SeriesMarkers.CIRCLE);
        }
    }
}
