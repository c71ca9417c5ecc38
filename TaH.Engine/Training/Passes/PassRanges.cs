namespace TaH.Engine;

/// <summary>Which depths the attention of a row sees.</summary>
public enum AttentionScope
{
    /// <summary>Every depth up to the row's own: duo-causal attention.</summary>
    DuoCausal,

    /// <summary>The row's own depth alone: an ablation.</summary>
    OwnDepth,

    /// <summary>Depth 0 alone, and of its own depth nothing but what that leaves: an ablation.</summary>
    FirstDepth,
}

/// <summary>What the rows of a pass of a packed batch see.</summary>
internal static class PassRanges
{
    /// <summary>Computes it and brings it to the device; the caller disposes of it.</summary>
    /// <param name="device">Where attention runs.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">Of each depth the places of its rows in the batch.</param>
    /// <param name="depth">The pass's own.</param>
    /// <param name="scope">Which depths are seen.</param>
    public static AttentionRanges Of(ComputeDevice device, PackedBatch batch, IReadOnlyList<int[]> rows, int depth, AttentionScope scope)
    {
        var sequences = Sequences(batch);
        PackedPlace[][] passes = [.. rows.Take(depth + 1).Select(pass => pass.Select(row => new PackedPlace(sequences[row], batch.Positions[row])).ToArray())];
        bool[] visible =
        [
            .. Enumerable.Range(0, depth + 1).Select(other => scope switch
            {
                AttentionScope.OwnDepth => other == depth,
                AttentionScope.FirstDepth => other == 0,
                _ => true,
            }),
        ];
        return new AttentionRanges(device, passes, visible);
    }

    private static int[] Sequences(PackedBatch batch)
    {
        var sequences = new int[batch.Tokens.Length];
        for (var i = 1; i < batch.SequenceStarts.Length; i++) sequences[batch.SequenceStarts[i]]++;
        for (var token = 1; token < sequences.Length; token++) sequences[token] += sequences[token - 1];
        return sequences;
    }
}
