package io.github.sherl4j;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.HostFloats;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.concurrency.AffinityManager;

/** The floors of the house: which package may use which. */
class ArchitectureTest {
    private static final String ROOT = "io.github.sherl4j.";

    /** A package may use those before it, never those after it. */
    private static final List<String> FLOORS = List.of(
            "nd",
            "weights",
            "data",
            "layer",
            "loss",
            "metric",
            "backbone",
            "adapter",
            "head",
            "route",
            "tuning",
            "train");

    private static final JavaClasses MAIN = mainClasses();

    private static JavaClasses mainClasses() {
        try {
            return new ClassFileImporter()
                    .importPath(Path.of(Arena.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> floors() {
        return FLOORS;
    }

    @ParameterizedTest
    @MethodSource("floors")
    void aPackageUsesOnlyThoseBeforeIt(String floor) {
        String[] after = FLOORS.subList(FLOORS.indexOf(floor) + 1, FLOORS.size()).stream()
                .map(name -> ROOT + name + "..")
                .toArray(String[]::new);
        if (after.length > 0) {
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + floor + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(after)
                    .allowEmptyShould(true)
                    .check(MAIN);
        }
    }

    @Test
    void everyPackageHasItsFloor() {
        Set<String> found = MAIN.stream()
                .map(type -> type.getPackageName().substring(ROOT.length()).replaceAll("\\..*", ""))
                .collect(Collectors.toSet());
        assertThat(FLOORS).containsAll(found);
        assertThat(found).contains("nd", "metric", "route", "train");
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void kindsOfNetworksDoNotKnowEachOther() {
        slices().matching(ROOT + "backbone.(*)..")
                .should()
                .notDependOnEachOther()
                .check(MAIN);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "backbone")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "backbone.*..")
                .check(MAIN);
    }

    @Test
    void onlyNdKnowsNd4jsOperations() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "nd..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.nd4j.linalg.api.ops..")
                .check(MAIN);
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "nd..")
                .should()
                .callMethodWhere(describe(
                        "runs an operation",
                        call -> call.getTarget().getName().equals("exec")
                                && call.getTargetOwner().getPackageName().startsWith("org.nd4j")))
                .check(MAIN);
    }

    @Test
    void noCodeKnowsABackend() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.nd4j.linalg.cpu..", "org.nd4j.linalg.jcublas..", "org.nd4j.nativeblas..", "org.bytedeco..")
                .check(MAIN);
    }

    /** On a GPU the host's memory may be older than the device's, so whoever takes its address asks the backend which counts. */
    @Test
    void hostMemoryIsTakenByThoseAloneWhoAskTheBackend() {
        DescribedPredicate<JavaCall<?>> takesHostMemory = describe(
                "takes an array's host memory",
                call -> call.getTargetOwner().isAssignableTo(DataBuffer.class)
                        && call.getTarget()
                                .getName()
                                .matches("asNio.*|asNetty|pointer|addressPointer|address|indexer|opaqueBuffer"));
        noClasses()
                .that()
                .doNotBelongToAnyOf(HostFloats.class)
                .and()
                .doNotHaveFullyQualifiedName(ROOT + "weights.RawBytes")
                .and()
                .doNotHaveFullyQualifiedName(ROOT + "route.StateCache$Stage")
                .should()
                .callMethodWhere(takesHostMemory)
                .check(MAIN);
        classes()
                .that(describe(
                        "take host memory",
                        type -> type.getMethodCallsFromSelf().stream().anyMatch(takesHostMemory)))
                .should()
                .callMethodWhere(describe(
                        "asks the backend", call -> call.getTargetOwner().isEquivalentTo(AffinityManager.class)))
                .check(MAIN);
    }

    @Test
    void theLibraryLogsBySlf4jAndPrintsNothing() {
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(MAIN);
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(MAIN);
        noClasses().should().callMethod(System.class, "exit", int.class).check(MAIN);
        noClasses()
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(System.Logger.class)
                .check(MAIN);
    }

    @Test
    void theRulesSeeTheCode() {
        ArchRule broken =
                classes().that().resideInAPackage(ROOT + "route").should().resideInAPackage(ROOT + "nd");
        assertThatThrownBy(() -> broken.check(MAIN)).isInstanceOf(AssertionError.class);
        assertThat(MAIN.contain(Arena.class)).isTrue();
        assertThat(MAIN.contain(ArchitectureTest.class)).isFalse();
    }
}
