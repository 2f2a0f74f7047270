package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is measured, on which network.
 *
 * @param kind what is done with a batch
 * @param network sizes of network, batch and adapter
 */
record BenchmarkCase(Kind kind, Network network) {
    /** What is done with a batch. */
    enum Kind {
        /** Embeddings and all blocks in inference. */
        FROZEN_FORWARD,
        /** A training step by SHERL: forward, backward, update. */
        SHERL_STEP,
        /** A training step of full fine-tuning. */
        FULL_STEP
    }

    /** Networks with random weights, and the batches that they are fed. */
    enum Network {
        /** An adapter of 192 numbers. */
        MINILM(new BenchmarkTexts(BertConfig.miniLm(), 32, 64, 2)),
        /** An adapter of 512 numbers. */
        BERT(new BenchmarkTexts(BertConfig.base(), 16, 64, 1.5)),
        /** An adapter of 512 numbers. */
        RESNET50(new BenchmarkPictures(ResNetConfig.resNet50(), 8, 224)),
        /** For tests: so small that a case takes no time. */
        TINY(new BenchmarkTexts(new BertConfig(40, 16, 2, 8, 2, 2, 16, 1e-12), 2, 8, 2)),
        /** For tests. */
        TINY_PICTURES(new BenchmarkPictures(ResNetConfig.resNet50().withSizes(List.of(1, 2), 4, List.of(4, 4)), 2, 32));

        @SuppressWarnings("ImmutableEnumChecker") // a record of numbers
        final BenchmarkNetwork<?> network;

        Network(BenchmarkNetwork<?> network) {
            this.network = network;
        }
    }

    /** The names that users are told of. */
    static List<String> names() {
        return all().filter(known -> !known.network.name().startsWith(Network.TINY.name()))
                .map(BenchmarkCase::name)
                .toList();
    }

    /** The case of a name, if there is one. */
    static Optional<BenchmarkCase> find(String name) {
        return all().filter(known -> known.name().equals(name)).findFirst();
    }

    /** Such as {@code sherl_step_bert}. */
    String name() {
        return (kind.name() + "_" + network.name()).toLowerCase(Locale.ROOT);
    }

    private static Stream<BenchmarkCase> all() {
        return Stream.of(Network.values())
                .flatMap(network -> Stream.of(Kind.values()).map(kind -> new BenchmarkCase(kind, network)));
    }
}
