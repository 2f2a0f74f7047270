package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.util.Ec2Utils;
import java.io.IOException;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

class DjlTokenizersTest {

    @Test
    void openingDoesNotCallHome() throws Exception {
        // DJL notes when it last asked the cloud's metadata service, which it does at most once a day.
        Field lastCall = Ec2Utils.class.getDeclaredField("lastCheckIn");
        lastCall.setAccessible(true);
        lastCall.setLong(null, 0);

        TinyTokenizer.load().close();

        assertThat(lastCall.getLong(null)).isZero();
    }

    @Test
    void openingLeavesNoSystemProperty() throws IOException {
        TinyTokenizer.load().close();

        assertThat(System.getProperties()).doesNotContainKeys("OPT_OUT_TRACKING", "RUST_FLAVOR");
    }

    @Test
    void aPropertyOfTheUserStays() throws IOException {
        System.setProperty("RUST_FLAVOR", "cpu");
        try {
            TinyTokenizer.load().close();

            assertThat(System.getProperty("RUST_FLAVOR")).isEqualTo("cpu");
        } finally {
            System.clearProperty("RUST_FLAVOR");
        }
    }
}
