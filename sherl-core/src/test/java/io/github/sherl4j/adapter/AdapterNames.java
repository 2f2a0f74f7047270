package io.github.sherl4j.adapter;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The reference implementation's names of the adapter's parameters. */
public final class AdapterNames {
    private static final Pattern REDUCTION = Pattern.compile("adapter\\.reduction\\.(\\d+)\\.(linear|norm)\\.(\\w+)");

    private AdapterNames() {}

    public static String reference(String name) {
        Matcher reduction = REDUCTION.matcher(name);
        if (reduction.matches()) {
            String part = reduction.group(2).equals("linear") ? "0" : "1";
            return "hor_block." + reduction.group(1) + ".fc." + part + "." + reduction.group(3);
        }
        return name.replace("adapter.attention", "guide_block.fc_attn")
                .replace("adapter.expansion.linear", "fc_out.1")
                .replace("adapter.expansion.norm", "fc_out.2")
                .replace("adapter.gate", "gate_params");
    }
}
