package io.github.sherl4j.barlow.view;

import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.nd.Check;

/**
 * The two views of each picture.
 *
 * @param first what may happen on the way to the first view
 * @param second what may happen on the way to the second view, of the same size
 * @param norm how bytes become numbers, and how many channels a view has
 */
public record ViewOptions(ViewRecipe first, ViewRecipe second, PixelNorm norm) {
    /** Checks that both views have one size. */
    public ViewOptions {
        Check.argument(
                first.crop().size() == second.crop().size(),
                "first and second must have one size, but have %s and %s",
                first.crop().size(),
                second.crop().size());
    }

    /** The paper's two recipes at 224 pixels, normalised by ImageNet's colours. */
    public static ViewOptions paper() {
        return paper(224);
    }

    /** The paper's two recipes at another size. */
    public static ViewOptions paper(int size) {
        return new ViewOptions(ViewRecipe.paperFirst(size), ViewRecipe.paperSecond(size), PixelNorm.IMAGENET);
    }

    /**
     * For pictures of about 32 pixels: the paper's first recipe for both views, but no blur, which would take away what little
     * detail there is.
     */
    public static ViewOptions smallImages(int size) {
        ViewRecipe recipe = ViewRecipe.paperFirst(size).withBlur(BlurOptions.NONE);
        return new ViewOptions(recipe, recipe, PixelNorm.IMAGENET);
    }

    /** These options with other colours. */
    public ViewOptions withNorm(PixelNorm other) {
        return new ViewOptions(first, second, other);
    }

    /** These options with other recipes. */
    public ViewOptions withRecipes(ViewRecipe newFirst, ViewRecipe newSecond) {
        return new ViewOptions(newFirst, newSecond, norm);
    }

    /** The side of a view in pixels. */
    public int size() {
        return first.crop().size();
    }
}
