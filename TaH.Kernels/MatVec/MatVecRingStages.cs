using ILGPU;

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

    /// <summary>Sends for a step whose pieces lie one behind the other. By one thread.</summary>
    /// <param name="stage">The slot.</param>
    /// <param name="first">The step in the first row.</param>
    /// <param name="second">The step in the second row.</param>
    /// <param name="bytes">Bytes of each.</param>
    public void SendWhole(int stage, ulong first, ulong second, int bytes)
    {
        PtxInstructions.ExpectBytes(Barrier(stage), 2 * bytes);
        PtxInstructions.CopyToShared(Slot(stage), first, bytes, Barrier(stage));
        PtxInstructions.CopyToShared(Slot(stage) + (ulong)(StepBytes / 2), second, bytes, Barrier(stage));
    }

    /// <summary>Sends for a step that other warps' pieces stand between. By one thread.</summary>
    public void SendPieces(int stage, MatVecRingCursor step, MatVecTask task, int octetBytes)
    {
        var octets = 0;
        for (var from = step.From; from < IntrinsicMath.Min(step.From + (task.Slices * MatVecRing.StepOctets), task.Octets); from += task.Slices * MatVec.WarpSize)
            octets += IntrinsicMath.Min(MatVec.WarpSize, task.Octets - from);
        PtxInstructions.ExpectBytes(Barrier(stage), 2 * octets * octetBytes);
        for (var piece = 0; piece < 4; piece++)
        {
            var from = step.From + (piece * task.Slices * MatVec.WarpSize);
            if (from >= task.Octets) break;
            var bytes = IntrinsicMath.Min(MatVec.WarpSize, task.Octets - from) * octetBytes;
            ulong place = (ulong)(piece * MatVec.WarpSize * octetBytes), offset = place * (ulong)task.Slices;
            PtxInstructions.CopyToShared(Slot(stage) + place, step.First + offset, bytes, Barrier(stage));
            PtxInstructions.CopyToShared(Slot(stage) + (ulong)(StepBytes / 2) + place, step.Second + offset, bytes, Barrier(stage));
        }
    }

    /// <summary>Waits until a slot is full for the next time. By every thread.</summary>
    /// <param name="stage">The slot.</param>
    /// <param name="parity">0 for the first time, then 1, then 0 again.</param>
    public void WaitFor(int stage, int parity) => PtxInstructions.WaitForBytes(Barrier(stage), parity);

    private ulong Barrier(int stage) => Barriers + (ulong)(stage * MatVecRing.BarrierBytes);
}
