namespace TaH.Engine;

/// <summary>How training passes are computed.</summary>
internal sealed record StepOptions
{
    /// <summary>Rows whose logits are in memory at a time.</summary>
    public int HeadRows { get; init; } = 1024;

    /// <summary>Logits that the soft embedding mixes.</summary>
    public int SoftTopK { get; init; } = 100;

    /// <summary>Whether layers run again before their backward pass instead of keeping what it reads.</summary>
    public bool Recomputes { get; init; }

    /// <summary>Whether logits add up over the depths, as in TaH; without it the deepest pass's stand alone (an ablation).</summary>
    public bool AddsLogits { get; init; } = true;

    /// <summary>Which depths a row sees.</summary>
    public AttentionScope Scope { get; init; } = AttentionScope.DuoCausal;
}
