using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Four columns that a thread of a portable kernel has in hand, a stride apart; for those past the end it reads the last one, and writes nothing.
/// </summary>
/// <param name="First">The first.</param>
/// <param name="Apart">From one to the next.</param>
/// <param name="Width">Columns of a row.</param>
internal readonly record struct FourColumns(int First, int Apart, int Width)
{
    /// <summary>The columns of a row of floats.</summary>
    /// <param name="x">Holds the row.</param>
    /// <param name="start">Where the row starts.</param>
    public Quad Load(Floats x, long start) => new(x[start + At(0)], x[start + At(1)], x[start + At(2)], x[start + At(3)]);

    /// <summary>The columns of a row of stored elements.</summary>
    /// <param name="x">Holds the row.</param>
    /// <param name="start">Where the row starts.</param>
    public Quad Widen<TStored, TFormat>(ILGPU.ArrayView<TStored> x, long start)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var (a, b, c, d) = (x[start + At(0)], x[start + At(1)], x[start + At(2)], x[start + At(3)]);
        return new(default(TFormat).Widen(a), default(TFormat).Widen(b), default(TFormat).Widen(c), default(TFormat).Widen(d));
    }

    /// <summary>Writes the columns of a row that there are.</summary>
    /// <param name="y">Holds the row.</param>
    /// <param name="start">Where the row starts.</param>
    /// <param name="values">The columns.</param>
    public void Store(Floats y, long start, Quad values)
    {
        y[start + First] = values.A;
        if (First + Apart < Width) y[start + First + Apart] = values.B;
        if (First + (2 * Apart) < Width) y[start + First + (2 * Apart)] = values.C;
        if (First + (3 * Apart) < Width) y[start + First + (3 * Apart)] = values.D;
    }

    private int At(int column) => XMath.Min(First + (column * Apart), Width - 1);
}
