namespace TaH.Kernels;

/// <summary>Where a row of a packed pass stands; a pass has its rows in ascending order of sequence, then position.</summary>
/// <param name="Sequence">Number of its sequence in the batch.</param>
/// <param name="Position">Position in the sequence.</param>
public readonly record struct PackedPlace(int Sequence, int Position) : IComparable<PackedPlace>
{
    /// <summary>By sequence, then by position.</summary>
    public int CompareTo(PackedPlace other) => (Sequence, Position).CompareTo((other.Sequence, other.Position));

    /// <summary>Whether the left one comes first.</summary>
    public static bool operator <(PackedPlace left, PackedPlace right) => left.CompareTo(right) < 0;

    /// <summary>Whether the right one comes first.</summary>
    public static bool operator >(PackedPlace left, PackedPlace right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one comes first or both are the same.</summary>
    public static bool operator <=(PackedPlace left, PackedPlace right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the right one comes first or both are the same.</summary>
    public static bool operator >=(PackedPlace left, PackedPlace right) => left.CompareTo(right) >= 0;
}
