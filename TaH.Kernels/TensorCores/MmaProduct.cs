using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Ampere and newer: y = x w^T by products of warps. Three slices of both operands are in shared memory or on their way; four warps multiply, two
/// side by side and two below each other, 64 rows each.
/// </summary>
internal static class MmaProduct
{
    /// <summary>Rows of y that a group makes.</summary>
    public const int TileRows = 128;

    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 128;

    private const int Slice = 64; // elements of every sum
    private const int RowBytes = Slice * sizeof(ushort);
    private const int RowWords = RowBytes / Word16.Bytes;
    private const int RowsAtOnce = GroupSize / RowWords; // that the group copies with one instruction
    private const int Stages = 3;

    /// <summary>Columns of y that a group makes.</summary>
    public static int TileColumns<TSums>() where TSums : unmanaged, IMmaSums<TSums> => 2 * 16 * default(TSums).Strips;

    /// <summary>Bytes of dynamic shared memory: the stages and room to align them.</summary>
    public static int SharedBytes<TSums>() where TSums : unmanaged, IMmaSums<TSums> => (Stages * StageBytes<TSums>()) + RowBytes;

    /// <summary>One tile of y a group.</summary>
    /// <typeparam name="TSums">How many columns a warp makes.</typeparam>
    /// <typeparam name="TStore">What becomes of the sums.</typeparam>
    public static void Run<TSums, TStore>(TensorProductTask task) where TSums : unmanaged, IMmaSums<TSums> where TStore : struct, IMmaStore
    {
        var memory = SharedMemory.GetDynamic<float>();
        var ring = (PtxInstructions.AddressOf(ref memory[0]) + (RowBytes - 1)) & ~(ulong)(RowBytes - 1);
        var end = ring + (ulong)(Stages * StageBytes<TSums>());
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var place = TilePlace.Of(Grid.IdxX, task.RowTiles, task.ColumnTiles);
        var columns = task.Of(place.Column);
        int firstRow = place.Row * TileRows, firstColumn = (place.Column - columns.FirstTile) * TileColumns<TSums>();
        var x = new MmaOperand(task.X, firstRow, task.Rows, task.Inner);
        var weight = new MmaOperand(columns.Weight, firstColumn, columns.Outer, task.Inner);
        Copy<TSums>(x, weight, 0, ring);
        Copy<TSums>(x, weight, Slice, ring + (ulong)StageBytes<TSums>());
        ulong read = ring, write = ring + (ulong)(2 * StageBytes<TSums>());
        int warp = Group.IdxX / 32, lane = Group.IdxX % 32;
        int rowOfWarp = warp / 2 * 64, columnOfWarp = warp % 2 * 16 * default(TSums).Strips;
        var xRow = (ulong)((rowOfWarp + (lane % 16)) * RowBytes);
        var weightRow = (ulong)((TileRows + columnOfWarp + (lane % 8) + (lane / 16 * 8)) * RowBytes);
        var sums = default(TSums);
        for (var inner = 0; inner < task.Inner; inner += Slice)
        {
            PtxInstructions.WaitForCopiesButOne();
            Group.Barrier(); // the slice is there for all, and nobody reads the one that is overwritten next
            Copy<TSums>(x, weight, inner + (2 * Slice), write);
            write = Next<TSums>(write, ring, end);
            sums = Multiply(sums, read + xRow, read + weightRow, 0, lane);
            sums = Multiply(sums, read + xRow, read + weightRow, 1, lane);
            sums = Multiply(sums, read + xRow, read + weightRow, 2, lane);
            sums = Multiply(sums, read + xRow, read + weightRow, 3, lane);
            read = Next<TSums>(read, ring, end);
        }
        default(TStore).Store(sums, task, columns, firstRow + rowOfWarp + (lane / 4), firstColumn + columnOfWarp + (lane % 4 * 2));
    }

    /// <summary>
    /// Starts the copies of a slice; words of a row are permuted by the row, so that eight rows of one word lie in different banks.
    /// </summary>
    private static void Copy<TSums>(MmaOperand x, MmaOperand weight, int inner, ulong stage) where TSums : unmanaged, IMmaSums<TSums>
    {
        int row = Group.IdxX / RowWords, word = Group.IdxX % RowWords;
        var target = stage + (ulong)((row * RowBytes) + ((word ^ (row % 8)) * Word16.Bytes));
        var at = inner + (word * (Word16.Bytes / sizeof(ushort)));
        if (inner < x.Inner)
        {
            x.Copy(row, at, target, TileRows);
            weight.Copy(row, at, target + (TileRows * RowBytes), TileColumns<TSums>());
        }
        PtxInstructions.CloseCopies(); // a batch even if empty: the count of batches is what is waited for
    }

    private static TSums Multiply<TSums>(TSums sums, ulong xRow, ulong weightRow, int part, int lane) where TSums : unmanaged, IMmaSums<TSums>
    {
        var x = MmaRows.Load(xRow + (ulong)((((2 * part) + (lane / 16)) ^ (lane % 8)) * Word16.Bytes), RowBytes);
        var weight = weightRow + (ulong)((((2 * part) + (lane / 8 % 2)) ^ (lane % 8)) * Word16.Bytes);
        return default(TSums).AddProducts(sums, x, new MmaWeightRows(weight, RowBytes), 0);
    }

    private static ulong Next<TSums>(ulong stage, ulong ring, ulong end) where TSums : unmanaged, IMmaSums<TSums>
    {
        var next = stage + (ulong)StageBytes<TSums>();
        return next == end ? ring : next;
    }

    private static int StageBytes<TSums>() where TSums : unmanaged, IMmaSums<TSums> => (TileRows + TileColumns<TSums>()) * RowBytes;

    /// <summary>An operand in global memory: bf16 rows of which the group needs some from <paramref name="First"/> on.</summary>
    private readonly record struct MmaOperand(ulong Address, int First, int Rows, int Inner)
    {
        /// <summary>Starts the thread's copies: every sixteenth row from <paramref name="row"/> on. What lies outside becomes zero.</summary>
        public void Copy(int row, int inner, ulong target, int rows)
        {
            var rowBytes = (ulong)Inner * sizeof(ushort);
            var source = Address + ((ulong)(First + row) * rowBytes) + ((ulong)inner * sizeof(ushort));
            for (var i = 0; i < rows / RowsAtOnce; i++)
            {
                var inside = First + row + (i * RowsAtOnce) < Rows && inner < Inner;
                PtxInstructions.StartCopy(target + (ulong)(i * RowsAtOnce * RowBytes), inside ? source : Address, inside ? Word16.Bytes : 0);
                source += RowsAtOnce * rowBytes;
            }
        }
    }
}
