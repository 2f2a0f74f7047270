package io.github.sherl4j.backbone;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.backbone.bert.BertFamily;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.backbone.clip.TinyClip;
import io.github.sherl4j.backbone.clipvil.TinyClipVil;
import io.github.sherl4j.backbone.vit.VitBackbone;
import io.github.sherl4j.backbone.vit.VitConfig;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.QuestionBatch;
import io.github.sherl4j.data.TokenBatch;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A kind of backbone, and what the contract test has to know of it.
 *
 * @param make a tiny network of so many blocks with states of one shape
 * @param batch a batch of two samples
 */
record BackboneCase<B extends AutoCloseable>(
        String name, BiFunction<DataType, Integer, Backbone<B>> make, Function<DataType, B> batch) {
    @Override
    public String toString() {
        return name;
    }

    static Stream<BackboneCase<?>> all() {
        return Stream.of(
                new BackboneCase<TokenBatch>("BERT", TinyBert::of, type -> TinyBert.batch()),
                new BackboneCase<TokenBatch>(
                        "RoBERTa", (type, layers) -> bert(type, layers, 1, BertFamily.ROBERTA), type -> texts()),
                new BackboneCase<TokenBatch>(
                        "DistilBERT",
                        (type, layers) -> bert(type, layers, 0, BertFamily.DISTILBERT),
                        type -> TinyBert.batch()),
                new BackboneCase<ImageBatch>("CLIP's pictures", TinyClip::image, TinyClip::pictures),
                new BackboneCase<TokenBatch>("CLIP's texts", TinyClip::text, type -> TinyClip.texts()),
                new BackboneCase<ImageBatch>("ViT", BackboneCase::vit, TinyClip::pictures),
                new BackboneCase<QuestionBatch>("CLIP-ViL", TinyClipVil::of, type -> TinyClipVil.batch()));
    }

    private static BertBackbone bert(DataType type, int layers, int types, BertFamily family) {
        return TinyBert.of(new BertConfig(20, 12, types, TinyBert.WIDTH, layers, 2, 6, 1e-5, family), null, type);
    }

    private static VitBackbone vit(DataType type, int layers) {
        VitBackbone vit =
                VitBackbone.random(new VitConfig(TinyClip.IMAGE, 2, 3, TinyClip.WIDTH, layers, 2, 6, 1e-5), type, 1);
        TinyClip.redraw(vit.parameters());
        return vit;
    }

    /** Two texts of one segment. */
    private static TokenBatch texts() {
        return TokenBatch.of(List.of(TinyBert.text(2, 5, 6, 5, 3), TinyBert.text(2, 7, 3, 3, 9, 9, 3)), new int[0]);
    }

    /** Numbers of all parameters, to be compared bit by bit. */
    static List<double[]> numbers(Backbone<?> backbone) {
        return backbone.parameters().stream()
                .map(parameter -> TestArrays.numbers(parameter.value()))
                .toList();
    }
}
