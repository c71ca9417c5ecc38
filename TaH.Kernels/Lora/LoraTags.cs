namespace TaH.Kernels;

/// <summary>Cells that groups of a launch hand reduced inputs to each other in, and what tells one launch's from those of all others.</summary>
/// <param name="Cells">Where they start, 8 bytes each; see <see cref="PtxInstructions.StoreTagged"/>.</param>
/// <param name="Passes">Where the number of the pass stands.</param>
/// <param name="Launch">The launch's number in its pass, from 1: cells that nobody has written are marked with zeros.</param>
internal readonly record struct LoraTags(ulong Cells, ulong Passes, int Launch)
{
    /// <summary>From the tags of a pass to those of the next.</summary>
    public const int OfPass = 1024;

    /// <summary>The cell of an element.</summary>
    public ulong Cell(int element) => Cells + ((ulong)element * sizeof(ulong));

    /// <summary>The number of the pass, sent for where the call stands; to be read once the kernel before has ended.</summary>
    public int ReadPass() => PtxInstructions.LoadIntAhead(Passes);

    /// <summary>The launch's tag.</summary>
    public uint Of(int pass) => ((uint)pass * OfPass) + (uint)Launch;
}
