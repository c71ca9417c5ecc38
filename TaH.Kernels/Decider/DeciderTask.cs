using ILGPU;

namespace TaH.Kernels;

/// <summary>The products of a decider for some head rows, as <see cref="DeciderResident"/> takes them.</summary>
/// <param name="Phases">The products in order; the last has one output, the decision.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Groups">Groups of a team, which share all products for its rows. Each has a part of the first product of every block.</param>
/// <param name="Teams">Teams of groups, which take rows by turns: as many together as a kernel is compiled for.</param>
/// <param name="Rows">Head rows.</param>
/// <param name="Inboxes">Where the inboxes start, one behind the other.</param>
/// <param name="InboxCount">1 if all groups look into the same; else one for each group.</param>
/// <param name="InboxBytes">From one to the next.</param>
/// <param name="Launches">[2] counts launches, and groups that have come to the end of one.</param>
/// <param name="Decisions">[rows], written.</param>
internal readonly record struct DeciderTask(
    ArrayView<DeciderPhase> Phases, int Count, int Groups, int Teams, int Rows, ulong Inboxes, int InboxCount, int InboxBytes, Keys Launches,
    Floats Decisions)
{
    /// <summary>The cell of an inbox.</summary>
    public ulong Cell(int inbox, int cell) => Inboxes + ((ulong)inbox * (ulong)InboxBytes) + ((ulong)cell * sizeof(ulong));

    /// <summary>The cell of a group's inbox.</summary>
    public ulong OwnCell(int group, int cell) => Cell(InboxCount > 1 ? group : 0, cell);

    /// <summary>
    /// The tag of this launch, once the kernel before has ended; cells of the first product are marked with one more, those of the second with two.
    /// </summary>
    public uint Tag() => (Launches[0] + 1u) * DeciderResident.TagsOfLaunch;
}
