namespace TaH.Engine;

/// <summary>Words of tah_config.json that say what an ablation leaves out.</summary>
/// <remarks>Source: TaHConfig of github.com/thu-nics/TaH at 4ba7145, the first release; the later one knows the whole method alone.</remarks>
internal static class TahConfigKeys
{
    /// <summary>iter_attention_mode: a row sees its own depth and all shallower ones.</summary>
    public const string Duo = "duo";

    /// <summary>iter_attention_mode: a row sees its own depth alone.</summary>
    public const string SameIteration = "same_iter";

    /// <summary>iter_attention_mode: a row sees depth 0 alone.</summary>
    public const string Root = "root";

    /// <summary>output_updater: logits add up.</summary>
    public const string Additive = "AdditiveLogitsUpdater";

    /// <summary>output_updater: the deepest pass's logits stand alone.</summary>
    public const string NoUpdater = "NoneUpdater";

    /// <summary>adapter: deeper passes have no updates.</summary>
    public const string NoAdapter = "none";
}
