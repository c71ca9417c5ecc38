namespace TaH.Engine;

/// <summary>The rows of a micro-batch that run at one depth, in the order of the batch.</summary>
internal sealed class DepthPass : IDisposable
{
    /// <summary>Brings the rows to the device.</summary>
    /// <param name="depth">From 0.</param>
    /// <param name="rows">Of each row its place in the batch, rising.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="lists">Where lists go.</param>
    /// <param name="ranges">What attention sees; the pass owns it.</param>
    /// <param name="entryStart">Entries of shallower passes.</param>
    /// <param name="dropout">Of the updates; null for none.</param>
    public DepthPass(int depth, int[] rows, PackedBatch batch, DeviceLists lists, AttentionRanges ranges, int entryStart, UpdateDropout? dropout)
    {
        (Depth, Rows, Ranges, EntryStart, Dropout) = (depth, rows, ranges, entryStart, dropout);
        Positions = lists.Add([.. rows.Select(row => batch.Positions[row])]);
    }

    /// <summary>From 0.</summary>
    public int Depth { get; }

    /// <summary>Of each row its place in the batch, rising.</summary>
    public int[] Rows { get; }

    /// <summary>How many.</summary>
    public int Count => Rows.Length;

    /// <summary>[rows], on the device: the position in its sequence.</summary>
    public ILGPU.ArrayView<int> Positions { get; }

    /// <summary>The entries that each row sees.</summary>
    public AttentionRanges Ranges { get; }

    /// <summary>Entries of shallower passes, in front of this pass's own.</summary>
    public int EntryStart { get; }

    /// <summary>Entries of this pass and the shallower ones.</summary>
    public int EntryCount => EntryStart + Count;

    /// <summary>Of the updates; null for none.</summary>
    public UpdateDropout? Dropout { get; }

    /// <inheritdoc/>
    public void Dispose() => Ranges.Dispose();
}
