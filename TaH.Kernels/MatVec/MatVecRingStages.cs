namespace TaH.Kernels;

/// <summary>A warp's ring in shared memory: slots that the copy engine fills, each with a barrier that says when it is full.</summary>
/// <param name="Slots">Where the warp's first slot lies.</param>
/// <param name="Barriers">Where its first barrier lies.</param>
/// <param name="Stages">Slots.</param>
/// <param name="StepBytes">Bytes of a slot: half of it for each weight row.</param>
internal readonly record struct MatVecRingStages(ulong Slots, ulong Barriers, int Stages, int StepBytes)
{
    /// <summary>The ring of a warp, of all that lie one behind the other; the barriers of all stand behind the slots of all.</summary>
    public static MatVecRingStages Of(ulong start, int warp, int stages, int stepBytes) => new(
        start + (ulong)(warp * stages * stepBytes),
        start + (ulong)(MatVec.Warps * stages * stepBytes) + (ulong)(warp * stages * MatVecRing.BarrierBytes), stages, stepBytes);

    /// <summary>Bytes of shared memory that the rings of a group take.</summary>
    public static int BytesOfGroup(int stages, int stepBytes) => MatVec.Warps * stages * (stepBytes + MatVecRing.BarrierBytes);

    /// <summary>Where a stage's slot lies.</summary>
    public ulong Slot(int stage) => Slots + (ulong)(stage * StepBytes);

    /// <summary>Makes the barriers. By one thread, before anybody waits.</summary>
    public void Prepare()
    {
        for (var stage = 0; stage < Stages; stage++) PtxInstructions.MakeBarrier(Barrier(stage));
        PtxInstructions.ShowBarriersToCopies();
    }

    /// <summary>Says how many bytes a slot is about to get. By one thread, which then sends for them.</summary>
    public void Expect(int stage, int bytes) => PtxInstructions.ExpectBytes(Barrier(stage), bytes);

    /// <summary>Sends for a piece of each weight row.</summary>
    /// <param name="stage">The slot.</param>
    /// <param name="place">Where the piece goes in the slot's half of its row.</param>
    /// <param name="first">The piece of the first row.</param>
    /// <param name="second">The piece of the second row.</param>
    /// <param name="bytes">Bytes of each.</param>
    public void Send(int stage, int place, ulong first, ulong second, int bytes)
    {
        PtxInstructions.CopyToShared(Slot(stage) + (ulong)place, first, bytes, Barrier(stage));
        PtxInstructions.CopyToShared(Slot(stage) + (ulong)((StepBytes / 2) + place), second, bytes, Barrier(stage));
    }

    /// <summary>Waits until a slot is full for the next time. By every thread.</summary>
    /// <param name="stage">The slot.</param>
    /// <param name="parity">0 for the first time, then 1, then 0 again.</param>
    public void WaitFor(int stage, int parity) => PtxInstructions.WaitForBytes(Barrier(stage), parity);

    private ulong Barrier(int stage) => Barriers + (ulong)(stage * MatVecRing.BarrierBytes);
}
