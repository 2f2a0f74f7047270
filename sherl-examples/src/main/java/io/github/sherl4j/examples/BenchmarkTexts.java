package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.data.LabelledSource;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.route.SherlConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A BERT and texts of random token ids, all of one length.
 *
 * @param reduction how many times narrower than the network SHERL's adapter is
 */
record BenchmarkTexts(BertConfig config, int batch, int tokens, double reduction)
        implements BenchmarkNetwork<TokenBatch> {
    @Override
    public Backbone<TokenBatch> frozen() {
        return trainable();
    }

    @Override
    public Backbone<TokenBatch> trainable() {
        return BertBackbone.random(config, null, DataType.FLOAT, SEED);
    }

    @Override
    public SherlConfig sherl() {
        return SherlConfig.defaults().withReduction(reduction).withDropout(0);
    }

    @Override
    public LabelledSource<TokenBatch> data(int examples) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<TokenizedText> texts = new ArrayList<>();
        int[] labels = new int[examples];
        for (int i = 0; i < examples; i++) {
            int[] ids = new int[tokens];
            Arrays.setAll(ids, token -> random.nextInt(1, config.vocabulary()));
            texts.add(new TokenizedText(ids, new int[tokens]));
            labels[i] = random.nextInt(2);
        }
        return TokenizedData.of(texts, labels);
    }
}
