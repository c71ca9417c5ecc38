using ILGPU;

namespace TaH.Kernels;

/// <summary>Two neighbouring elements of y as bf16, from the sums.</summary>
internal interface IPackedSums
{
    /// <summary>Whether the sums are of two weights, of which the first gates the second.</summary>
    bool Gated { get; }

    /// <summary>The elements that one of the sums and the next make.</summary>
    uint Pack(int number, float alpha);

    /// <summary>Visits the strips of y that a tile makes.</summary>
    void Visit<TTile, TVisitor>(TVisitor visitor) where TTile : struct, IWgmmaTile where TVisitor : struct, IStripVisitor;
}

/// <summary>alpha * sum.</summary>
internal readonly struct ScaledSums : IPackedSums
{
    public bool Gated => false;

    public uint Pack(int number, float alpha) =>
        PtxInstructions.PackBfloat16(alpha * PtxInstructions.Sum(number), alpha * PtxInstructions.Sum(number + 1));

    public void Visit<TTile, TVisitor>(TVisitor visitor) where TTile : struct, IWgmmaTile where TVisitor : struct, IStripVisitor =>
        default(TTile).Visit(visitor);
}

/// <summary>silu(gate) * up: the gate's sums are the first half of the tile's, those of the same columns of up the second.</summary>
/// <typeparam name="THalf">The tile of half of the columns.</typeparam>
internal readonly struct GatedSums<THalf> : IPackedSums where THalf : struct, IWgmmaTile
{
    public bool Gated => true;

    public uint Pack(int number, float alpha) => PtxInstructions.PackBfloat16(Of(number), Of(number + 1));

    public void Visit<TTile, TVisitor>(TVisitor visitor) where TTile : struct, IWgmmaTile where TVisitor : struct, IStripVisitor =>
        default(THalf).Visit(visitor);

    private static float Of(int number) =>
        PtxInstructions.Silu(PtxInstructions.Sum(number)) * PtxInstructions.Sum(number + (default(THalf).Columns / 2));
}

/// <summary>y in bf16: each warp lays 64 columns of its 16 rows out in shared memory at a time, and writes them 16 bytes a thread.</summary>
/// <typeparam name="TSums">What the elements are.</typeparam>
internal readonly struct StoreBfloat16<TSums> : IWgmmaStore where TSums : struct, IPackedSums
{
    private const int StripsAtOnce = 4;
    private const int WordsOfRow = StripsAtOnce * 2;
    private const int Pitch = (WordsOfRow + 1) * Word16.Bytes; // no multiple of 128 bytes: rows start in different banks
    private const int WarpBytes = 16 * Pitch;

    public bool Gated => default(TSums).Gated;

    public int SharedBytes => WgmmaProduct.Multipliers / 32 * WarpBytes;

    public int ColumnsOfY(int columns) => default(TSums).Gated ? columns / 2 : columns;

    public void Store<TTile>(TensorProductTask task, WgmmaPlace place, uint scratch) where TTile : struct, IWgmmaTile
    {
        var columns = place.Columns;
        int warp = Group.IdxX / 32, lane = Group.IdxX % 32;
        var rows = scratch + (uint)(warp * WarpBytes);
        int row = place.Row + (warp * 16) + (lane / WordsOfRow), word = lane % WordsOfRow;
        var column = place.Column + (word * 8);
        var visitor = new Strip(
            rows + (uint)((lane % 16 * Pitch) + (lane / 16 * Word16.Bytes)), rows + (uint)((lane / WordsOfRow * Pitch) + (word * Word16.Bytes)),
            columns.Y + ((((ulong)row * (ulong)columns.Outer) + (ulong)column) * sizeof(ushort)), columns.Outer, task.Rows - row,
            columns.Outer - column,
            task.Alpha);
        default(TSums).Visit<TTile, Strip>(visitor);
    }

    private readonly record struct Strip(uint Laid, uint Read, ulong Y, int Outer, int RowsLeft, int ColumnsLeft, float Alpha) : IStripVisitor
    {
        private const int RowsAtOnce = 32 / WordsOfRow;

        public void Visit(int strip)
        {
            PtxInstructions.StoreMatrices(
                Laid + (uint)(strip % StripsAtOnce * 32), default(TSums).Pack(8 * strip, Alpha), default(TSums).Pack((8 * strip) + 2, Alpha),
                default(TSums).Pack((8 * strip) + 4, Alpha), default(TSums).Pack((8 * strip) + 6, Alpha));
            if (strip % StripsAtOnce != StripsAtOnce - 1) return;
            Warp.Barrier();
            var first = strip / StripsAtOnce * StripsAtOnce * 16;
            Write(first, 0);
            Write(first, 1);
            Write(first, 2);
            Write(first, 3);
            Warp.Barrier(); // the next strips overwrite what the slowest thread may still read
        }

        private void Write(int column, int step)
        {
            if (step * RowsAtOnce >= RowsLeft || column >= ColumnsLeft) return;
            PtxInstructions.StoreWord(
                Y + ((((ulong)(step * RowsAtOnce) * (ulong)Outer) + (ulong)column) * sizeof(ushort)),
                PtxInstructions.LoadSharedWord(Read + (uint)(step * RowsAtOnce * Pitch)));
        }
    }
}
