package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Dropout;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.NativeArrays;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The parts that options choose, with new parameters.
 *
 * @param reductions one for each tapped state
 * @param guideReduction of a guide from outside; null if the guide is a tapped state
 * @param layerGates [taps], or null
 * @param consolidation null if there is nothing to consolidate
 */
record AdapterParts(
        List<Reduction> reductions,
        @Nullable ReluLinear guideReduction,
        @Nullable Parameter layerGates,
        @Nullable Consolidation consolidation,
        Expansion expansion,
        GuideSkip skip) {
    private static final long DROPOUT_USE = 1;

    static AdapterParts make(
            AdapterOptions options, List<Long> stateWidths, long resultWidth, DataType type, long seed) {
        try (Rng rng = new Rng(seed)) {
            LayerFactory make = new LayerFactory(type, rng, options.initialization());
            int width = options.width();
            int taps = stateWidths.size();
            Parameter layerGates = options.layerGates()
                    ? Parameter.unregularized("adapter.layer_gates", NativeArrays.filled(type, 1, taps))
                    : null;
            List<Reduction> reductions = new ArrayList<>();
            for (int i = 0; i < taps; i++) {
                reductions.add(reduction(options, make, i, stateWidths.get(i), layerGates));
            }
            ReluLinear guideReduction = options.guideFromOutside()
                    ? new ReluLinear(make.linear("adapter.guide", resultWidth, width))
                    : null;
            int shallow = options.guideFromOutside() ? taps : taps - 1;
            Consolidation consolidation = shallow == 0 ? null : consolidation(options, make);
            return new AdapterParts(
                    List.copyOf(reductions),
                    guideReduction,
                    layerGates,
                    consolidation,
                    expansion(options, make, resultWidth),
                    skip(options, type));
        }
    }

    private static Reduction reduction(
            AdapterOptions options, LayerFactory make, int index, long stateWidth, @Nullable Parameter layerGates) {
        String name = "adapter.reduction." + index;
        int width = options.width();
        double eps = options.reductionEps();
        return switch (options.reduction()) {
            case LINEAR_NORM ->
                new LinearNormReduction(
                        index, make.linear(name + ".linear", stateWidth, width), make.norm(name + ".norm", width, eps));
            case GATED ->
                new GatedReduction(
                        index,
                        make.linear(name + ".linear", stateWidth, width),
                        make.linear(name + ".outer", width, width),
                        make.linear(name + ".gate", width, width));
            case POOLED ->
                new PooledReduction(
                        index,
                        make.linear(name + ".linear", stateWidth, width),
                        make.batchNorm(name + ".norm", width, eps));
            case SPATIAL ->
                new SpatialReduction(
                        index,
                        new ReluLinear(make.linear(name + ".linear", stateWidth, width)),
                        new GuidedScore(make.linear(name + ".attention", width, 1)),
                        layerGates,
                        options.normEps(),
                        options.gateTemperature());
        };
    }

    private static Consolidation consolidation(AdapterOptions options, LayerFactory make) {
        int width = options.width();
        GuidedScore score = new GuidedScore(make.linear("adapter.attention", width, 1));
        AggregateMlp mlp = options.aggregateMlp()
                ? new AggregateMlp(
                        make.linear("adapter.mlp.inner", width, 2L * width),
                        make.linear("adapter.mlp.outer", 2L * width, width),
                        make.norm("adapter.mlp.norm", width, options.reductionEps()))
                : null;
        return new Consolidation(new AntiRedundancy(score, options.normEps()), mlp);
    }

    private static Expansion expansion(AdapterOptions options, LayerFactory make, long resultWidth) {
        String linear = "adapter.expansion.linear";
        String norm = "adapter.expansion.norm";
        int width = options.width();
        double eps = options.expansionEps();
        Dropout dropout = new Dropout(options.dropout(), DROPOUT_USE);
        return switch (options.expansion()) {
            case LINEAR -> new LinearExpansion(make.linear(linear, width, resultWidth), null, dropout);
            case LINEAR_NORM ->
                new LinearExpansion(
                        make.linear(linear, width, resultWidth), make.norm(norm, resultWidth, eps), dropout);
            case BATCH_NORM_RELU ->
                new BatchNormExpansion(
                        make.linear(linear, width, resultWidth), make.batchNorm(norm, resultWidth, eps), dropout);
        };
    }

    private static GuideSkip skip(AdapterOptions options, DataType type) {
        return switch (options.skip()) {
            case GATE ->
                new GuideSkip(Parameter.unregularized("adapter.gate", Nd4j.create(type, 1)), options.gateTemperature());
            case PLAIN -> new GuideSkip(null, options.gateTemperature());
        };
    }

    /** In the order of the computation. */
    List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>();
        reductions.forEach(reduction -> all.addAll(reduction.parameters()));
        if (guideReduction != null) {
            all.addAll(guideReduction.parameters());
        }
        if (layerGates != null) {
            all.add(layerGates);
        }
        if (consolidation != null) {
            all.addAll(consolidation.parameters());
        }
        all.addAll(expansion.parameters());
        all.addAll(skip.parameters());
        return all;
    }

    List<BatchNorm> norms() {
        return Stream.concat(
                        reductions.stream().flatMap(reduction -> reduction.norms().stream()),
                        expansion.norms().stream())
                .toList();
    }

    List<Parameter> buffers() {
        return norms().stream().flatMap(norm -> norm.buffers().stream()).toList();
    }
}
