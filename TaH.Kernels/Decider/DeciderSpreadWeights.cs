using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A thread's weights of a block: two rows of the layer into it, for its octets of x, and of two outputs what the group's features meet.
/// </summary>
internal readonly struct DeciderSpreadWeights
{
    private readonly DeciderSpreadRow _first; // with the LayerNorm's scale
    private readonly DeciderSpreadRow _second;
    private readonly Word16 _evenLow;
    private readonly Word16 _evenHigh;
    private readonly Word16 _oddLow;
    private readonly Word16 _oddHigh;
    private readonly FloatPair _end; // the bias of the thread's feature, and the sum of its weights

    /// <summary>Sends for them.</summary>
    public DeciderSpreadWeights(DeciderSpreadTask task, int block)
    {
        int thread = Group.IdxX, outputs = task.Width / 2;
        var share = task.Share(block, Grid.IdxX);
        Word16 first0 = Into(share, 0, 0, task.Octets), first1 = Into(share, 0, 1, task.Octets);
        Word16 second0 = Into(share, 1, 0, task.Octets), second1 = Into(share, 1, 1, task.Octets);
        var gain = DeciderSpreadRow.Load(task.Gain + ((ulong)(block * task.Width) * sizeof(float)), task.Width);
        var outOf = share + ((ulong)(2 * task.Octets * DeciderSpread.GroupSize) * Word16.Bytes);
        _evenLow = OutOf(outOf, 0, outputs);
        _evenHigh = OutOf(outOf, 1, outputs);
        _oddLow = OutOf(outOf, 2, outputs);
        _oddHigh = OutOf(outOf, 3, outputs);
        var feature = (((block * task.Groups) + Grid.IdxX) * DeciderSpread.Features) + (thread / 16);
        _end = PtxInstructions.LoadConstantPair(task.ExpandEnds + ((ulong)(2 * feature) * sizeof(float)));
        var owned = IntrinsicMath.Min((DeciderSpread.Owned * Grid.IdxX) + FourSums.Place, task.Width - 1);
        Bias = PtxInstructions.LoadConstantFloat(task.ContractBias + ((ulong)((block * task.Width) + owned) * sizeof(float)));
        _first = DeciderSpreadRow.Of(first0, first1).Times(gain);
        _second = DeciderSpreadRow.Of(second0, second1).Times(gain);
    }

    /// <summary>Of the layer out of the block, for the element of x that the thread sums up.</summary>
    public float Bias { get; }

    /// <summary>The features of the group.</summary>
    /// <param name="task">The sizes.</param>
    /// <param name="x">In shared memory.</param>
    /// <param name="features">Written.</param>
    public void Expand(DeciderSpreadTask task, Floats x, Floats features)
    {
        var row = DeciderSpreadRow.Of(x, task.Width);
        var sums = DeciderSpreadSums.Of(row, row.Dot(_first), row.Dot(_second), task.WidthShare);
        // The lower half of the warp goes on with the first feature, the upper one with the second.
        var feature = GeluPtx.Of(sums.Normed((Group.IdxX & 16) != 0 ? sums.Second : sums.First, _end.Second) + _end.First);
        if (Group.IdxX % 16 == 0) features[Group.IdxX / 16] = feature;
    }

    /// <summary>Sends what the features add to two elements of x to the group that owns them.</summary>
    /// <param name="cells">Where to.</param>
    /// <param name="features">In shared memory.</param>
    /// <param name="tag">Of this step.</param>
    public void Contract(DeciderSpreadCells cells, Floats features, uint tag)
    {
        if (!cells.Sends) return;
        var start = PtxInstructions.AddressOf(ref features[0]);
        Quad a = PtxInstructions.LoadSharedQuad(start), b = PtxInstructions.LoadSharedQuad(start + Word16.Bytes);
        Quad c = PtxInstructions.LoadSharedQuad(start + (2 * Word16.Bytes)), d = PtxInstructions.LoadSharedQuad(start + (3 * Word16.Bytes));
        PtxInstructions.StoreTaggedPair(
            cells.PartsOut, Dot(_evenLow, a, b) + Dot(_evenHigh, c, d), Dot(_oddLow, a, b) + Dot(_oddHigh, c, d), tag);
    }

    private static float Dot(Word16 octet, Quad low, Quad high) =>
        high.AddDot(default(Bfloat16Octets).High(octet), low.AddDot(default(Bfloat16Octets).Low(octet), 0f));

    private static Word16 Into(ulong share, int row, int octet, int octets) => PtxInstructions.LoadStreamed(
        share + ((ulong)((((row * octets) + octet) * DeciderSpread.GroupSize) + Group.IdxX) * Word16.Bytes), octet, octets);

    private static Word16 OutOf(ulong start, int word, int outputs) =>
        PtxInstructions.LoadStreamed(start + ((ulong)((word * outputs) + Group.IdxX) * Word16.Bytes), Group.IdxX, outputs);
}
