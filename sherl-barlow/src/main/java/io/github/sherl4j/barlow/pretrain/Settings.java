package io.github.sherl4j.barlow.pretrain;

import io.github.sherl4j.barlow.BarlowModel;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.train.TrainConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.schedule.ISchedule;

/** All that decides what a training comes to, beside the pictures themselves, as texts that can be compared. */
final class Settings {
    private static final int RATES = 8;

    private Settings() {}

    static Map<String, String> of(
            PretrainConfig config, BarlowModel model, ImageSource source, ISchedule rates, int steps) {
        TrainConfig training = config.training();
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("pictures", Integer.toString(source.size()));
        settings.put("epochs", Integer.toString(training.epochs()));
        settings.put("batchSize", Integer.toString(training.batchSize()));
        settings.put("part", Integer.toString(model.part()));
        settings.put("seed", Long.toString(training.seed()));
        settings.put("loss", model.options().toString());
        settings.put("views", config.views().toString());
        settings.put("clipNorm", Double.toString(training.clipNorm()));
        settings.put("optimizer", training.optimizer().toString());
        settings.put("rates", sample(rates, steps));
        return settings;
    }

    /** A shape of rates is a function, so what can be compared are its values. */
    private static String sample(ISchedule rates, int steps) {
        int perEpochUnknown = 0;
        return IntStream.rangeClosed(0, RATES)
                .mapToObj(i -> Double.toString(rates.valueAt((int) ((long) i * steps / RATES), perEpochUnknown)))
                .collect(Collectors.joining(" "));
    }
}
