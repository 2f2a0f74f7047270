package io.github.sherl4j.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;

/**
 * Names for the anonymous weights of a graph: PyTorch's exporter keeps a parameter's name, but the weight of a Linear
 * becomes a transposed constant such as {@code onnx::MatMul_787}, and only the product that uses it tells whose it is.
 */
final class OnnxNames {

    private static final Pattern ANONYMOUS = Pattern.compile("onnx::\\w+_\\d+");
    private static final Pattern PRODUCT = Pattern.compile("/?(.+)/MatMul(_\\d+)?");

    private OnnxNames() {}

    /**
     * Finds the names of the anonymous weights.
     *
     * @return the new names of each weight that gets any, by its name in the file: more than one where layers share it.
     *     A weight whose name would not be the only one of that name gets none
     */
    static Map<String, Set<String>> ofAnonymousWeights(GraphProto graph) {
        Map<String, Set<String>> names = new LinkedHashMap<>();
        List<String> taken = new ArrayList<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            if (tensor.getDimsCount() == 2
                    && ANONYMOUS.matcher(tensor.getName()).matches()) {
                names.put(tensor.getName(), new LinkedHashSet<>());
            } else {
                taken.add(tensor.getName());
            }
        }
        for (NodeProto node : graph.getNodeList()) {
            Matcher path = PRODUCT.matcher(node.getName());
            if (node.getOpType().equals("MatMul") && node.getInputCount() == 2 && path.matches()) {
                Set<String> own = names.get(node.getInput(1));
                if (own != null) {
                    own.add(path.group(1).replace('/', '.') + ".weight");
                }
            }
        }
        names.values().forEach(taken::addAll);
        names.values().removeIf(own -> own.isEmpty() || own.stream().anyMatch(name -> isTwice(taken, name)));
        return names;
    }

    private static boolean isTwice(List<String> names, String name) {
        return names.indexOf(name) != names.lastIndexOf(name);
    }
}
