namespace TaH.Engine;

/// <summary>How the passes of a token hang together: what ablations of the method change.</summary>
/// <param name="Attention">Which depths a row sees.</param>
/// <param name="AddsLogits">Whether logits add up over the depths; else the deepest pass's stand alone.</param>
internal sealed record PassRules(AttentionScope Attention, bool AddsLogits)
{
    /// <summary>The method itself.</summary>
    public static PassRules Whole { get; } = new(AttentionScope.DuoCausal, AddsLogits: true);

    /// <summary>Those of a checkpoint.</summary>
    public static PassRules Of(TahConfig? tah) => tah is null ? Whole : new PassRules(tah.Attention, tah.AddsLogits);

    /// <summary>Whether a row sees the entries of a depth that is not deeper than its own.</summary>
    /// <param name="rowDepth">The row's.</param>
    /// <param name="depth">The entries'.</param>
    public bool Sees(int rowDepth, int depth) => Attention switch
    {
        AttentionScope.OwnDepth => depth == rowDepth,
        AttentionScope.FirstDepth => depth == 0,
        _ => true,
    };
}
