package io.github.sherl4j.route;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.Batch;
import io.github.sherl4j.data.BatchSource;
import io.github.sherl4j.head.Head;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * From inputs to one embedding each: a route through a backbone, then a head.
 *
 * @param backbone shared; never closed here
 * @param route through that backbone
 * @param head owned by the tower until a model makes its parameters trainable
 * @param config what the tower was made of, so that it can be saved; null if it was put together by hand
 * @param <B> a batch of inputs
 */
public record Tower<B extends Batch>(
        Backbone<B> backbone,
        Route<B> route,
        Head head,
        @Nullable TowerConfig config) {
    /** A tower of any parts, which cannot be saved. */
    public Tower(Backbone<B> backbone, Route<B> route, Head head) {
        this(backbone, route, head, null);
    }

    /**
     * A new tower of SHERL, which can be saved.
     *
     * @param backbone shared; stays open and unchanged
     * @throws IllegalArgumentException if the adapter needs a feature that the network does not have
     */
    public static <B extends Batch> Tower<B> of(Backbone<B> backbone, TowerConfig config) {
        return config.tower(backbone);
    }

    /** Length of an embedding. */
    public long width() {
        return head.outputWidth();
    }

    /** The parameters that learn: the route's and the head's. */
    public List<Parameter> trainable() {
        return Stream.concat(route.trainable().stream(), head.parameters().stream())
                .toList();
    }

    /**
     * Embeddings of all inputs of a data set, as the tower is now.
     *
     * @param atOnce how many are computed at a time
     * @return [inputs, width], owned by the caller
     */
    public INDArray embed(BatchSource<B> data, int atOnce) {
        try (MemoryPool memories = new MemoryPool(backbone.type())) {
            return embed(memories, data, atOnce);
        }
    }

    INDArray embed(MemoryPool memories, BatchSource<B> data, int atOnce) {
        INDArray all = Nd4j.createUninitialized(backbone.type(), data.size(), width());
        for (int[] indices : data.sequentialPlan(atOnce)) {
            try (B batch = data.batch(indices);
                    MemoryPool.Loan loan = memories.borrow()) {
                Memory memory = loan.memory();
                INDArray rows = memory.step().array(indices.length, width());
                infer(memory, batch, rows);
                for (int i = 0; i < indices.length; i++) {
                    all.putRow(indices[i], memory.reshape(memory.slices(rows, i, i + 1), width()));
                }
            }
        }
        return all;
    }

    /**
     * Computes embeddings and keeps nothing.
     *
     * @param result [batch, width], overwritten
     */
    void infer(Memory memory, B batch, INDArray result) {
        Context context = backbone.context(memory, batch, OptionalLong.empty());
        INDArray states = memory.step().array(route.resultShape(batch));
        route.infer(batch, context, states);
        head.infer(states, context, result);
    }

    /**
     * Computes embeddings as in training and keeps what the backward pass needs.
     *
     * @param result [batch, width], overwritten
     * @param seed seed of dropout
     */
    Kept forward(Memory memory, B batch, long seed, INDArray result) {
        Context context = backbone.context(memory, batch, OptionalLong.of(seed));
        INDArray states = memory.step().array(route.resultShape(batch));
        Route.RouteStep routeStep = route.forward(batch, context, states);
        Head.HeadStep headStep = head.forward(states, context, result);
        return new Kept(routeStep, headStep, !route.trainable().isEmpty());
    }

    /** What a forward pass keeps. */
    record Kept(Route.RouteStep route, Head.HeadStep head, boolean routeLearns) implements Step {
        /** Adds the gradients of all trainable parameters. */
        void backward(INDArray gradEmbeddings) {
            if (routeLearns) {
                route.backward(head.backward(gradEmbeddings));
            } else {
                head.backwardToParameters(gradEmbeddings);
            }
        }
    }
}
