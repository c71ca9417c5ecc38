namespace TaH.Kernels;

/// <summary>Where a row of a packed pass stands; a pass has its rows in ascending order of sequence, then position.</summary>
/// <param name="Sequence">Number of its sequence in the batch.</param>
/// <param name="Position">Position in the sequence.</param>
public readonly record struct PackedPlace(int Sequence, int Position) : IComparable<PackedPlace>
{
    /// <summary>Both in one number, as a batch compares tens of thousands.</summary>
    private long Order => ((long)Sequence << 32) | (uint)Position;

    /// <summary>By sequence, then by position.</summary>
    public int CompareTo(PackedPlace other) => Order.CompareTo(other.Order);

    /// <summary>Whether the left one comes first.</summary>
    public static bool operator <(PackedPlace left, PackedPlace right) => left.Order < right.Order;

    /// <summary>Whether the right one comes first.</summary>
    public static bool operator >(PackedPlace left, PackedPlace right) => left.Order > right.Order;

    /// <summary>Whether the left one comes first or both are the same.</summary>
    public static bool operator <=(PackedPlace left, PackedPlace right) => left.Order <= right.Order;

    /// <summary>Whether the right one comes first or both are the same.</summary>
    public static bool operator >=(PackedPlace left, PackedPlace right) => left.Order >= right.Order;
}
