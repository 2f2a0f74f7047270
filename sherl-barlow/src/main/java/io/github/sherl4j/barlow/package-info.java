/**
 * Barlow Twins: pre-training of an encoder without labels, and the ways to measure what it has learnt.
 *
 * <p>Barlow Twins (Zbontar, Jing, Misra, LeCun and Deny, ICML 2021) embeds two distorted views of every image of a
 * batch and drives the cross-correlation matrix of the two embeddings towards the identity. Its diagonal makes the
 * embedding invariant to the distortions and its off-diagonal makes the components carry different information, so no
 * negative pairs, no momentum encoder and no large batches are needed.
 */
@NullMarked
package io.github.sherl4j.barlow;

import org.jspecify.annotations.NullMarked;
