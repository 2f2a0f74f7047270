package io.github.sherl4j.backbone.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Where a node's result is to lie; its shape is known to the node alone. */
@FunctionalInterface
interface Place {
    /** An uninitialised array in C order. */
    INDArray array(long... shape);
}
