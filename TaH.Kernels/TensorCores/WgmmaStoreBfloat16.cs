using ILGPU;

namespace TaH.Kernels;

/// <summary>Two neighbouring elements of y as bf16, from the sums.</summary>
internal interface IPackedSums
{
    /// <summary>Whether the sums are of two weights, of which the first gates the second.</summary>
    bool Gated { get; }

    /// <summary>The elements that one of the sums and the next make.</summary>
    uint Pack(int number, float alpha);
}

/// <summary>alpha * sum.</summary>
internal readonly struct ScaledSums : IPackedSums
{
    public bool Gated => false;

    public uint Pack(int number, float alpha) =>
        PtxInstructions.PackBfloat16(alpha * PtxInstructions.Sum(number), alpha * PtxInstructions.Sum(number + 1));
}

/// <summary>silu(gate) * up: the gate's sums are the first 64 of 128, those of the same columns of up the last.</summary>
internal readonly struct GatedSums : IPackedSums
{
    public const int Up = 64;

    public bool Gated => true;

    public uint Pack(int number, float alpha) => PtxInstructions.PackBfloat16(Of(number), Of(number + 1));

    private static float Of(int number) => PtxInstructions.Silu(PtxInstructions.Sum(number)) * PtxInstructions.Sum(number + Up);
}

/// <summary>y in bf16: each warp lays its 16 rows out in shared memory and writes them 16 bytes at a time.</summary>
/// <typeparam name="TSums">What the elements are.</typeparam>
internal readonly struct StoreBfloat16<TSums> : IWgmmaStore where TSums : struct, IPackedSums
{
    private const int WordColumns = 8;

    public bool Gated => default(TSums).Gated;

    public int ColumnsOfY(int columns) => default(TSums).Gated ? columns / 2 : columns;

    public void Store<TTile>(TensorProductTask task, TilePlace place, uint ring) where TTile : struct, IWgmmaTile
    {
        var width = ColumnsOfY(default(TTile).Columns);
        var pitch = (uint)((width * sizeof(ushort)) + Word16.Bytes); // no multiple of 128 bytes: rows start in different banks
        int warp = Group.IdxX / 32, lane = Group.IdxX % 32;
        var rows = ring + ((uint)warp * 16 * pitch);
        var visitor = new Strip(rows + ((uint)(lane % 16) * pitch) + ((uint)(lane / 16) * Word16.Bytes), task.Alpha);
        if (default(TSums).Gated) default(TwiceStrips<TwiceStrips<TwiceStrips<OneStrip>>>).Visit(visitor, 0);
        else default(TTile).Visit(visitor);
        Warp.Barrier();
        var columns = task.Of(place.Column);
        int firstRow = (place.Row * WgmmaProduct.TileRows) + (warp * 16), firstColumn = (place.Column - columns.FirstTile) * width;
        var words = width / WordColumns;
        for (var i = lane; i < 16 * words; i += 32)
        {
            int row = i / words, word = i % words;
            var column = firstColumn + (word * WordColumns);
            if (firstRow + row >= task.Rows || column >= columns.Outer) continue;
            var value = PtxInstructions.LoadSharedWord(rows + ((uint)row * pitch) + ((uint)word * Word16.Bytes));
            PtxInstructions.StoreWord(columns.Y + ((((ulong)(firstRow + row) * (ulong)columns.Outer) + (ulong)column) * sizeof(ushort)), value);
        }
    }

    private readonly record struct Strip(uint Row, float Alpha) : IStripVisitor
    {
        public void Visit(int strip) => PtxInstructions.StoreMatrices(
            Row + (uint)(32 * strip), default(TSums).Pack(8 * strip, Alpha), default(TSums).Pack((8 * strip) + 2, Alpha),
            default(TSums).Pack((8 * strip) + 4, Alpha), default(TSums).Pack((8 * strip) + 6, Alpha));
    }
}
