using ILGPU;

namespace TaH.Kernels;

/// <summary>The cells that a thread of <see cref="DeciderSpread"/> reads and writes in every block.</summary>
internal readonly struct DeciderSpreadCells
{
    /// <summary>Finds them.</summary>
    public DeciderSpreadCells(DeciderSpreadTask task)
    {
        int thread = Group.IdxX, group = Grid.IdxX, outputs = task.Width / 2;
        Owns = DeciderSpread.Owned * group < task.Width;
        Readers = Owns ? task.Groups : 0;
        Sends = thread < outputs;
        PartsOut = PtxInstructions.KeepAddress(task.PartCell(thread / 2, group) + ((ulong)(thread % 2 * 2) * sizeof(ulong)));
        PartsIn = PtxInstructions.KeepAddress(task.PartCell(group, thread));
        ElementsOut = PtxInstructions.KeepAddress(task.ElementCell(thread, DeciderSpread.Owned * group));
        ElementsIn = PtxInstructions.KeepAddress(task.ElementCell(group, 4 * thread));
    }

    /// <summary>Whether the group owns elements of x.</summary>
    public bool Owns { get; }

    /// <summary>The threads that send its elements, each to a group.</summary>
    public int Readers { get; }

    /// <summary>Whether the thread has parts of two elements.</summary>
    public bool Sends { get; }

    /// <summary>Where they go: two cells.</summary>
    public ulong PartsOut { get; }

    /// <summary>Where the parts of the group's elements come from one group: four cells.</summary>
    public ulong PartsIn { get; }

    /// <summary>Where the group's elements go in the inbox of one group: four cells.</summary>
    public ulong ElementsOut { get; }

    /// <summary>Where four elements of x come.</summary>
    public ulong ElementsIn { get; }
}
