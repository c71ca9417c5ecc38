namespace TaH.Kernels;

/// <summary>A linear layer: the shared weight, and the low-rank update that rows of depth 1 and more add to it.</summary>
/// <param name="Weight">[outputs, inputs].</param>
/// <param name="Lora">The update, or null where the adapter has none.</param>
public sealed record Projection(WeightMatrix Weight, LoraPair? Lora);

/// <summary>A low-rank update: y += scale * (x A^T) B^T.</summary>
/// <param name="A">[rank, inputs].</param>
/// <param name="B">[outputs, rank].</param>
/// <param name="Scale">alpha / rank, or alpha / sqrt(rank) for rank-stabilised LoRA.</param>
public sealed record LoraPair(WeightMatrix A, WeightMatrix B, float Scale)
{
    /// <summary>Throws unless all updates read inputs of one length.</summary>
    internal static void ThrowIfInputsDiffer(ReadOnlySpan<LoraPair> updates)
    {
        foreach (var update in updates) ShapeException.ThrowIfDifferent(update.A.Columns, updates[0].A.Columns, "columns of A");
    }
}
