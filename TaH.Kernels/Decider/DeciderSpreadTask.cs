namespace TaH.Kernels;

/// <summary>A decider for one row, as <see cref="DeciderSpread"/> takes it. Addresses are of global memory.</summary>
/// <param name="First">The weight of the first product: [width, features and top logits], f32.</param>
/// <param name="FirstBias">[width].</param>
/// <param name="FirstRowBytes">From one of its rows to the next.</param>
/// <param name="Features">Elements of all hidden states of a row together, a multiple of 4.</param>
/// <param name="Shares">[blocks, groups] the weights of each group, bf16; see <see cref="DeciderSpreadModel"/>.</param>
/// <param name="ShareBytes">From one to the next.</param>
/// <param name="Gain">[blocks, width] the scales of the LayerNorms.</param>
/// <param name="ExpandEnds">[blocks, groups, 16, 2]: with what the LayerNorm's shift adds; and the sum of the weights, its scale included.</param>
/// <param name="ContractBias">[blocks, width].</param>
/// <param name="OutputWeight">[width] with the last LayerNorm's scale, then the same two numbers.</param>
/// <param name="Blocks">How many blocks.</param>
/// <param name="Width">Elements of x, a multiple of 8.</param>
/// <param name="WidthShare">One part of so many.</param>
/// <param name="Groups">Groups, at most as many as a group has threads; all of them run at a time.</param>
/// <param name="Inboxes">[groups] of cells: parts [groups, 4], then x [width].</param>
/// <param name="Launches">[2] the number of this launch, from 1, and groups that have read it.</param>
/// <param name="Decision">[1], written.</param>
internal readonly record struct DeciderSpreadTask(
    ulong First, ulong FirstBias, ulong FirstRowBytes, int Features, ulong Shares, int ShareBytes, ulong Gain, ulong ExpandEnds, ulong ContractBias,
    ulong OutputWeight, int Blocks, int Width, float WidthShare, int Groups, ulong Inboxes, ulong Launches, Floats Decision)
{
    /// <summary>Octets of a weight row that a thread has: one or two.</summary>
    public int Octets => Width > DeciderSpread.MaxWidth / 2 ? 2 : 1;

    private int InboxCells => (Groups * DeciderSpread.Owned) + Width;

    /// <summary>Where a group's weights of a block are.</summary>
    public ulong Share(int block, int group) => Shares + ((ulong)((block * Groups) + group) * (ulong)ShareBytes);

    /// <summary>The cells for what one group adds to the four elements that another owns.</summary>
    public ulong PartCell(int owner, int from) => Cell(owner, from * DeciderSpread.Owned);

    /// <summary>The cell of an element of x in a group's inbox.</summary>
    public ulong ElementCell(int reader, int element) => Cell(reader, (Groups * DeciderSpread.Owned) + element);

    private ulong Cell(int group, int cell) => Inboxes + ((ulong)((group * InboxCells) + cell) * sizeof(ulong));
}
