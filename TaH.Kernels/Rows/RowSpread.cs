using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// How the threads of a portable kernel share rows. A short row has a quarter of a group, so that a group has four rows and each thread several
/// elements; a long row has whole groups, one a piece of it, so that a few rows keep a card busy.
/// </summary>
/// <param name="Rows">How many there are.</param>
/// <param name="Width">Elements of a row.</param>
/// <param name="Lanes">Threads of a row.</param>
/// <param name="Piece">Elements of a row that they work on; a row of more than that has other threads, too.</param>
internal readonly record struct RowSpread(int Rows, int Width, int Lanes, int Piece)
{
    /// <summary>Elements that a thread should have on their way at a time, if it is to keep the memory of a GPU busy.</summary>
    public const int Unroll = 4;

    private const int RowsOfGroup = 4; // where rows are short
    private const int PieceOfGroup = 16 * Unroll; // elements of a thread in a long row

    /// <summary>For kernels that take each element by itself.</summary>
    public static RowSpread InPieces(ComputeDevice device, int rows, int width) =>
        Whole(device, rows, width) with { Piece = Math.Max(1, Math.Min(width, PieceOfGroup * device.GroupSize)) };

    /// <summary>For kernels that need a whole row.</summary>
    public static RowSpread Whole(ComputeDevice device, int rows, int width)
    {
        var isShort = width <= 2 * Unroll * device.GroupSize && device.GroupSize >= RowsOfGroup;
        return new(rows, width, isShort ? device.GroupSize / RowsOfGroup : device.GroupSize, Math.Max(1, width));
    }

    /// <summary>Pieces of a row.</summary>
    public int Pieces => (Width + Piece - 1) / Piece;

    /// <summary>In a kernel: which row, which piece of it, and where in the piece.</summary>
    public RowPlace Place
    {
        get
        {
            var unit = (Grid.IdxX * (Group.DimX / Lanes)) + (Group.IdxX / Lanes);
            var row = unit / Pieces;
            var start = (unit - (row * Pieces)) * Piece;
            return new(row, start + (Group.IdxX % Lanes), start + Piece < Width ? start + Piece : Width);
        }
    }

    /// <summary>Groups enough for all rows; the last group may have threads behind the last row.</summary>
    public KernelConfig Config(ComputeDevice device)
    {
        var unitsOfGroup = device.GroupSize / Lanes;
        return new(checked((int)((((long)Rows * Pieces) + unitsOfGroup - 1) / unitsOfGroup)), device.GroupSize);
    }
}

/// <summary>A thread's part of a row: from its first element on, a stride of <see cref="RowSpread.Lanes"/> apart.</summary>
/// <param name="Row">Past the last for threads that have none.</param>
/// <param name="First">The thread's first element.</param>
/// <param name="End">Behind the last of all its row's threads.</param>
internal readonly record struct RowPlace(int Row, int First, int End);
