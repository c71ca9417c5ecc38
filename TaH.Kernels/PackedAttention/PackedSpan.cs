namespace TaH.Kernels;

/// <summary>Neighbouring rows, or entries, of one sequence.</summary>
/// <param name="First">The first one.</param>
/// <param name="Count">How many.</param>
internal readonly record struct PackedSpan(int First, int Count)
{
    /// <summary>The one behind the last.</summary>
    public int End => First + Count;
}
