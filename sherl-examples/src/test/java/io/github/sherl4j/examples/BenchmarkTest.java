package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class BenchmarkTest {
    @Test
    void printsLineOfEachCase() throws IOException {
        Run run = Run.of(
                new Benchmark(),
                "frozen_forward_tiny",
                "sherl_step_tiny",
                "full_step_tiny",
                "barlow_loss_4_6",
                "--rounds=8");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(4);
        for (String line : lines) {
            JsonNode json = new ObjectMapper().readTree(line);
            assertThat(json.fieldNames())
                    .toIterable()
                    .containsExactly("case", "median_ms", "min_ms", "peak_mb", "rss_peak_mb", "rounds", "threads");
            assertThat(json.path("min_ms").asDouble())
                    .isPositive()
                    .isLessThanOrEqualTo(json.path("median_ms").asDouble());
            assertThat(json.path("rounds").asInt()).isEqualTo(8);
            assertThat(json.path("threads").asInt())
                    .isEqualTo(Nd4j.getEnvironment().maxThreads());
        }
        assertThat(new ObjectMapper().readTree(lines.get(1)).path("case").asText())
                .isEqualTo("sherl_step_tiny");
        assertThat(new ObjectMapper().readTree(lines.get(3)).path("case").asText())
                .isEqualTo("barlow_loss_4_6");
    }

    @Test
    void measuresPicturesToo() throws IOException {
        Run run = Run.of(
                new Benchmark(),
                "frozen_forward_tiny_pictures",
                "sherl_step_tiny_pictures",
                "full_step_tiny_pictures",
                "--rounds=7");

        assertThat(run.code()).isZero();
        List<Double> peaks = new ArrayList<>();
        for (String line : run.out().lines().toList()) {
            peaks.add(new ObjectMapper().readTree(line).path("peak_mb").asDouble());
        }
        assertThat(peaks).hasSize(3).allMatch(peak -> peak > 0);
        assertThat(peaks.get(0)).isLessThan(peaks.get(1));
        assertThat(peaks.get(1)).isLessThan(peaks.get(2));
    }

    @Test
    void memoryDoesNotDependOnOrder() throws IOException {
        Run run = Run.of(new Benchmark(), "full_step_tiny", "sherl_step_tiny", "full_step_tiny", "sherl_step_tiny");

        List<Double> peaks = new ArrayList<>();
        for (String line : run.out().lines().toList()) {
            peaks.add(new ObjectMapper().readTree(line).path("peak_mb").asDouble());
        }
        assertThat(peaks).hasSize(4).allMatch(peak -> peak > 0);
        assertThat(peaks.subList(2, 4)).isEqualTo(peaks.subList(0, 2));
    }

    @Test
    void printsProfileToStandardError() {
        Run run = Run.of(new Benchmark(), "sherl_step_tiny", "barlow_loss_6_4", "--profile");

        assertThat(run.out().lines()).hasSize(2);
        assertThat(run.err()).containsPattern("operation +ms +MB +calls").contains("matmul", "all");
    }

    @ParameterizedTest
    @CsvSource({
        "sherl_step_huge, 'CASE must be one of frozen_forward_minilm, sherl_step_minilm, full_step_minilm,'",
        "barlow_loss_1_8, 'full_step_resnet50, barlow_loss_N_D, but is barlow_loss_1_8'",
        "barlow_loss_8, 'full_step_resnet50, barlow_loss_N_D, but is barlow_loss_8'",
        "sherl_step_tiny --rounds 6, '--rounds must be at least 7, but is 6'",
        "--rounds 7, 'Missing required parameter'"
    })
    void refusesArguments(String arguments, String message) {
        Run run = Run.of(new Benchmark(), arguments.split(" "));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void helpDoesNotOfferTestCases() {
        assertThat(BenchmarkCase.names())
                .containsExactly(
                        "frozen_forward_minilm",
                        "sherl_step_minilm",
                        "full_step_minilm",
                        "frozen_forward_bert",
                        "sherl_step_bert",
                        "full_step_bert",
                        "frozen_forward_resnet50",
                        "sherl_step_resnet50",
                        "full_step_resnet50");
    }

    @Test
    void takesMedianAndMinimum() {
        BenchmarkResult odd = BenchmarkResult.of("full_step_bert", new double[] {5, 1, 2}, 7, OptionalDouble.of(8), 2);
        BenchmarkResult even = BenchmarkResult.of("x", new double[] {5, 1, 2, 3}, 7, OptionalDouble.empty(), 2);

        assertThat(odd).isEqualTo(new BenchmarkResult("full_step_bert", 2, 1, 7, OptionalDouble.of(8), 3, 2));
        assertThat(even.medianMs()).isCloseTo(2.5, within(1e-12));
    }
}
