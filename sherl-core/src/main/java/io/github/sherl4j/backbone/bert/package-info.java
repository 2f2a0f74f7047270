/** BERT (Devlin et al. 2019) and the sentence encoders of its shape, such as MiniLM and bge. */
@NullMarked
package io.github.sherl4j.backbone.bert;

import org.jspecify.annotations.NullMarked;
