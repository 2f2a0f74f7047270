package io.github.sherl4j.backbone;

import io.github.sherl4j.data.ImageBatch;

/** A backbone that reads pictures: states are [batch, height, width, channels] or [batch, tokens, width]. */
public interface ImageBackbone extends Backbone<ImageBatch> {}
