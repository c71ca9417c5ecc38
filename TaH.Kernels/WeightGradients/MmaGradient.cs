using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Ampere and newer: dy^T x by products of warps, as <see cref="MmaProduct"/> makes x w^T. Slices are 64 rows of both operands, of which warps fetch
/// matrices across; warps lie as they do there.
/// </summary>
internal static class MmaGradient
{
    private const int Slice = WeightGradientTask.Slice;
    private const int Stages = 3;
    private const int DyBytes = MmaProduct.TileRows * sizeof(ushort); // of a row

    /// <summary>Bytes of dynamic shared memory: the stages and room to align them.</summary>
    public static int SharedBytes<TSums>() where TSums : unmanaged, IMmaSums<TSums> => (Stages * StageBytes<TSums>()) + Alignment;

    private const int Alignment = 128;

    /// <summary>A part of a tile of the gradients a group.</summary>
    /// <typeparam name="TSums">How many columns a warp makes.</typeparam>
    /// <typeparam name="TStore">What becomes of the sums.</typeparam>
    public static void Run<TSums, TStore>(WeightGradientTask task) where TSums : unmanaged, IMmaSums<TSums> where TStore : struct, IMmaStore
    {
        var memory = SharedMemory.GetDynamic<float>();
        var ring = (PtxInstructions.AddressOf(ref memory[0]) + (Alignment - 1)) & ~(ulong)(Alignment - 1);
        var end = ring + (ulong)(Stages * StageBytes<TSums>());
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var place = GradientPlace.Of(Grid.IdxX, task, MmaProduct.TileRows, MmaProduct.TileColumns<TSums>());
        int first = task.FirstSlice(place.Part) * Slice, last = IntrinsicMath.Min(task.FirstSlice(place.Part + 1) * Slice, task.Rows);
        var dy = new MmaTokens(place.Weight.Dy, place.Row, place.Weight.Outer, last);
        var x = new MmaTokens(task.X, place.Column, task.Inner, last);
        Copy<TSums>(dy, x, first, ring);
        Copy<TSums>(dy, x, first + Slice, ring + (ulong)StageBytes<TSums>());
        ulong read = ring, write = ring + (ulong)(2 * StageBytes<TSums>());
        int warp = Group.IdxX / 32, lane = Group.IdxX % 32;
        int rowOfWarp = warp / 2 * 64, columnOfWarp = warp % 2 * 16 * default(TSums).Strips;
        // The thread's row and word of the first matrices: of dy, rows of the sum 8 further are matrices 2 and 3, of x 1 and 3.
        int rowOfDy = (lane % 8) + (lane / 16 * 8), rowOfX = (lane % 8) + (lane / 8 % 2 * 8);
        var dyAt = (ulong)((rowOfDy * DyBytes) + ((((rowOfWarp / 8) + (lane / 8 % 2)) ^ (lane % 8)) * Word16.Bytes));
        var xAt = (ulong)((Slice * DyBytes) + (rowOfX * XBytes<TSums>()) + ((((columnOfWarp / 8) + (lane / 16)) ^ (lane % 8)) * Word16.Bytes));
        var sums = default(TSums);
        for (var row = first; row < last; row += Slice)
        {
            PtxInstructions.WaitForCopiesButOne();
            Group.Barrier(); // the slice is there for all, and nobody reads the one that is overwritten next
            Copy<TSums>(dy, x, row + (2 * Slice), write);
            write = Next<TSums>(write, ring, end);
            sums = Multiply(sums, read + dyAt, read + xAt, 0);
            sums = Multiply(sums, read + dyAt, read + xAt, 1);
            sums = Multiply(sums, read + dyAt, read + xAt, 2);
            sums = Multiply(sums, read + dyAt, read + xAt, 3);
            read = Next<TSums>(read, ring, end);
        }
        default(TStore).Store(
            sums, place.Task(task), place.Columns(task), place.Row + rowOfWarp + (lane / 4), place.Column + columnOfWarp + (lane % 4 * 2));
    }

    /// <summary>Starts the copies of a slice.</summary>
    private static void Copy<TSums>(MmaTokens dy, MmaTokens x, int row, ulong stage) where TSums : unmanaged, IMmaSums<TSums>
    {
        if (row < dy.End)
        {
            dy.Copy(row, stage, DyBytes);
            x.Copy(row, stage + (Slice * DyBytes), XBytes<TSums>());
        }
        PtxInstructions.CloseCopies(); // a batch even if empty: the count of batches is what is waited for
    }

    private static TSums Multiply<TSums>(TSums sums, ulong dy, ulong x, int part) where TSums : unmanaged, IMmaSums<TSums> =>
        default(TSums).AddProducts(
            sums, MmaRows.Load(new MmaTokenColumns(dy + (ulong)(16 * part * DyBytes))),
            new MmaTokenColumns(x + (ulong)(16 * part * XBytes<TSums>())), 0);

    private static ulong Next<TSums>(ulong stage, ulong ring, ulong end) where TSums : unmanaged, IMmaSums<TSums>
    {
        var next = stage + (ulong)StageBytes<TSums>();
        return next == end ? ring : next;
    }

    private static int XBytes<TSums>() where TSums : unmanaged, IMmaSums<TSums> => MmaProduct.TileColumns<TSums>() * sizeof(ushort);

    private static int StageBytes<TSums>() where TSums : unmanaged, IMmaSums<TSums> => Slice * (DyBytes + XBytes<TSums>());

    /// <summary>An operand in global memory: bf16 rows up to <paramref name="End"/>, columns from <paramref name="First"/> on.</summary>
    private readonly record struct MmaTokens(ulong Address, int First, int Columns, int End)
    {
        /// <summary>
        /// Starts the thread's copies of a slice from <paramref name="from"/> on. Words of a row are permuted by the row, so that eight rows of one
        /// word lie in different banks; what lies outside becomes zero.
        /// </summary>
        public void Copy(int from, ulong target, int bytes)
        {
            var words = bytes / Word16.Bytes;
            var rowsAtOnce = MmaProduct.GroupSize / words;
            int row = Group.IdxX / words, word = Group.IdxX % words;
            var column = First + (word * (Word16.Bytes / sizeof(ushort)));
            target += (ulong)((row * bytes) + ((word ^ (row % 8)) * Word16.Bytes));
            row += from;
            var source = Address + ((((ulong)row * (ulong)Columns) + (ulong)column) * sizeof(ushort));
            for (var i = 0; i < Slice / rowsAtOnce; i++)
            {
                var inside = row < End && column < Columns;
                PtxInstructions.StartCopy(target, inside ? source : Address, inside ? Word16.Bytes : 0);
                row += rowsAtOnce;
                source += (ulong)rowsAtOnce * (ulong)Columns * sizeof(ushort);
                target += (ulong)(rowsAtOnce * bytes);
            }
        }
    }
}
