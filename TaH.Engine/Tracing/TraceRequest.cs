namespace TaH.Engine;

/// <summary>What to trace: one forward pass over a sequence, with every intermediate.</summary>
public sealed record TraceRequest
{
    /// <summary>Token ids of the sequence.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>Who decides about further passes; null for what the checkpoint says.</summary>
    public IterationPolicy? Policy { get; init; }

    /// <summary>Passes that a token may take; null for what the checkpoint says.</summary>
    public int? MaxIter { get; init; }

    /// <summary>How keys and values are stored; null for what <see cref="TahModel.KvTypeFor"/> says.</summary>
    public ElementType? KvType { get; init; }

    /// <summary>Rows of the largest pass. Any number gives the same values, up to rounding.</summary>
    public int MaxRows { get; init; } = 64;

    /// <summary>How exactly products of many rows are made. A trace is there to be compared, so as exactly as can be.</summary>
    public ProductPrecision Precision { get; init; } = ProductPrecision.F32;
}
