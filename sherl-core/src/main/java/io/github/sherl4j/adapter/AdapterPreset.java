package io.github.sherl4j.adapter;

/** The published variants of the adapter by name, for configurations and files. */
public enum AdapterPreset {
    /** {@link AdapterOptions#vseText}. */
    VSE_TEXT(2),
    /** {@link AdapterOptions#vseImage}. */
    VSE_IMAGE(4),
    /** {@link AdapterOptions#clipVideo} with gates for each layer. */
    CLIP_VIDEO(1),
    /** {@link AdapterOptions#clipVideo} without gates. */
    CLIP_VIDEO_UNGATED(1),
    /** {@link AdapterOptions#clipVil}. */
    CLIP_VIL(2),
    /** {@link AdapterOptions#t5}. */
    T5(4),
    /** {@link AdapterOptions#mdetr}. */
    MDETR(2);

    private final double reduction;

    AdapterPreset(double reduction) {
        this.reduction = reduction;
    }

    /**
     * How many times narrower than the adapter's result the published reduced states are: for VSE_IMAGE 512 of ResNeXt's
     * 2048, for CLIP the whole width of the projected feature, for T5 a quarter as in the base network (8 in the larger
     * ones). That of VSE_TEXT is the library's choice, since the published 512 belongs to an embedding of 1024.
     */
    public double reduction() {
        return reduction;
    }

    /**
     * The published options.
     *
     * @param width length of a reduced state
     */
    public AdapterOptions options(int width) {
        return switch (this) {
            case VSE_TEXT -> AdapterOptions.vseText(width);
            case VSE_IMAGE -> AdapterOptions.vseImage(width);
            case CLIP_VIDEO -> AdapterOptions.clipVideo(width, true);
            case CLIP_VIDEO_UNGATED -> AdapterOptions.clipVideo(width, false);
            case CLIP_VIL -> AdapterOptions.clipVil(width);
            case T5 -> AdapterOptions.t5(width);
            case MDETR -> AdapterOptions.mdetr(width);
        };
    }
}
