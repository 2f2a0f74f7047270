package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's project with the README's dependency block, resolved, compiled and run by Maven in a folder of its own. */
class ReadmeDependenciesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String VERSION = "0.1.0-SNAPSHOT";
    private static final String PROGRAM = """
        import io.github.sherl4j.backbone.bert.BertBackbone;
        import io.github.sherl4j.backbone.bert.BertConfig;
        import io.github.sherl4j.data.TokenBatch;
        import io.github.sherl4j.data.TokenizedText;
        import io.github.sherl4j.nd.NativeMemory;
        import io.github.sherl4j.route.SherlConfig;
        import io.github.sherl4j.route.SherlModel;
        import java.util.List;
        import org.nd4j.linalg.api.buffer.DataType;

        public class Program {
            public static void main(String[] args) {
                NativeMemory.initialize();
                BertConfig config = new BertConfig(50, 16, 2, 12, 3, 3, 24, 1e-12);
                TokenizedText text = new TokenizedText(new int[] {1, 2, 3}, new int[3]);
                try (BertBackbone bert = BertBackbone.random(config, null, DataType.FLOAT, 1);
                        SherlModel model = SherlModel.classifier(bert, SherlConfig.defaults(), List.of("a", "b"));
                        TokenBatch batch = TokenBatch.of(List.of(text), new int[] {1})) {
                    System.out.println("loss " + model.accumulate(batch, 1, 1));
                }
            }
        }
        """;

    @TempDir
    Path folder;

    @Test
    void theCpuBlockRunsInAProjectOfItsOwn() throws Exception {
        Path jar = ROOT.resolve("sherl-core/target/sherl-core-" + VERSION + ".jar");
        assumeTrue(Files.exists(jar), "sherl-core's jar is there from the phase package on");
        Path repository = repositoryWith(jar);
        Path project = Files.createDirectories(folder.resolve("project"));
        Files.writeString(project.resolve("pom.xml"), pom(block("CPU")));
        Path sources = Files.createDirectories(project.resolve("src/main/java"));
        Files.writeString(sources.resolve("Program.java"), PROGRAM);

        Path output = folder.resolve("output.txt");
        int exitCode = new ProcessBuilder(
                        maven(),
                        "-B",
                        "-q",
                        "-Dmaven.repo.local=" + repository,
                        "compile",
                        "org.codehaus.mojo:exec-maven-plugin:3.6.4:java",
                        "-Dexec.mainClass=Program",
                        "-Dexec.cleanupDaemonThreads=false")
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        assertThat(text).containsPattern("loss 0\\.\\d+|loss 1\\.\\d+");
    }

    /** The block behind a marker in the README. */
    private static String block(String marker) throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        int start =
                readme.indexOf("```xml", readme.indexOf("<!-- dependencies: " + marker + " -->")) + "```xml".length();
        return readme.substring(start, readme.indexOf("```", start));
    }

    private static String pom(String dependencies) {
        return """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>user</groupId>
              <artifactId>project</artifactId>
              <version>1</version>
              <properties>
                <maven.compiler.release>17</maven.compiler.release>
                <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
              </properties>
              %s
              <build>
                <pluginManagement>
                  <plugins>
                    <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.16.0</version></plugin>
                    <plugin><artifactId>maven-resources-plugin</artifactId><version>3.5.0</version></plugin>
                  </plugins>
                </pluginManagement>
              </build>
            </project>
            """.formatted(dependencies);
    }

    /**
     * A local repository that holds this build's sherl-core; everything else is linked from the one that this build uses, so
     * that nothing is downloaded twice and nothing of ours is left behind.
     */
    private Path repositoryWith(Path jar) throws IOException {
        Path shared = Path.of(System.getProperty(
                "maven.repo.local",
                Path.of(System.getProperty("user.home"), ".m2/repository").toString()));
        Path repository = Files.createDirectories(folder.resolve("repository"));
        link(shared, repository, "io");
        link(shared.resolve("io"), Files.createDirectories(repository.resolve("io")), "github");
        Path github = Files.createDirectories(repository.resolve("io/github"));
        if (Files.isDirectory(shared.resolve("io/github"))) {
            link(shared.resolve("io/github"), github, "sherl4j");
        }
        Path core = Files.createDirectories(github.resolve("sherl4j/sherl-core/" + VERSION));
        Files.copy(jar, core.resolve("sherl-core-" + VERSION + ".jar"));
        Files.copy(ROOT.resolve("sherl-core/pom.xml"), core.resolve("sherl-core-" + VERSION + ".pom"));
        Path parent = Files.createDirectories(github.resolve("sherl4j/sherl-parent/" + VERSION));
        Files.copy(ROOT.resolve("pom.xml"), parent.resolve("sherl-parent-" + VERSION + ".pom"));
        return repository;
    }

    private static void link(Path from, Path to, String except) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                Path name = entry.getFileName();
                if (!name.toString().equals(except)) {
                    Files.createSymbolicLink(to.resolve(name), entry);
                }
            }
        }
    }

    private static String maven() {
        String home = System.getProperty("maven.home", System.getenv("MAVEN_HOME"));
        List<String> names = File.separatorChar == '\\' ? List.of("mvn.cmd") : List.of("mvn");
        return home == null ? names.get(0) : Path.of(home, "bin", names.get(0)).toString();
    }
}
