using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// The same as <see cref="MatVec"/>, sum by sum, with weights that the copy engine brings to shared memory: each warp has a ring of steps of its own on the
/// way, and has sent for the first of them before the kernel in front has ended. Hopper and newer.
/// </summary>
internal static class MatVecRing
{
    /// <summary>Octets of each of the two weight rows in a step.</summary>
    public const int StepOctets = MatVec.BatchOctets;

    /// <summary>Bytes of a stage's barrier.</summary>
    public const int BarrierBytes = 8;

    /// <summary>Bytes of a step of elements of some size.</summary>
    public static int StepBytes(int elementBytes) => 2 * StepOctets * MatVecTask.Octet * elementBytes;

    /// <summary>One launch; see <see cref="MatVec.Run"/>. All of x is one panel, and every row of x and of the weights is whole octets.</summary>
    public static void Run<TOctet, TFormat, TSums, TPairs>(Floats x, Floats gain, TPairs pairs, MatVecTask task, int stages)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums>
        where TPairs : struct, IWeightPairs
    {
        PtxInstructions.LetNextStart();
        var scratch = SharedMemory.Allocate<float>(MatVec.ScratchLength);
        var panel = SharedMemory.GetDynamic<float>();
        int warp = Group.IdxX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize;
        var ring = MatVecRingStages.Of(
            PtxInstructions.AddressOf(ref panel[default(TSums).Rows * task.PanelOctets * MatVecTask.Octet]), warp, stages,
            StepBytes(default(TFormat).ElementBytes));
        var ahead = MatVecRingCursor.Of(task, warp);
        if (lane == 0) ring.Prepare();
        Warp.Barrier();
        for (var stage = 0; stage < stages; stage++) ahead = Send<TOctet, TFormat, TPairs>(ring, stage, ahead, pairs, task, lane);
        PtxInstructions.WaitForPrevious(); // weights are nobody's work, x is
        MatVecPanel.Stage(x, gain, panel, scratch, 0, default(TSums).Rows, task);
        Group.Barrier();
        int due = 0, parity = 0;
        for (var start = Grid.IdxX * task.PairsPerGroup; start < task.Pairs; start += Grid.DimX * task.PairsPerGroup)
        {
            var pair = start + (warp / task.Slices);
            var sums = default(TSums);
            var end = pair < task.Pairs ? task.Octets : 0;
            for (var from = (warp % task.Slices) * MatVec.WarpSize; from < end; from += task.Slices * StepOctets)
            {
                ring.WaitFor(due, parity);
                sums = AddStep<TOctet, TFormat, TSums>(sums, ring.Slot(due), panel, from, lane, task);
                Warp.Barrier(); // the slot is read
                ahead = Send<TOctet, TFormat, TPairs>(ring, due, ahead, pairs, task, lane);
                due++;
                if (due == stages) (due, parity) = (0, parity ^ 1);
            }
            MatVec.Finish(sums, scratch, pairs, pair, warp, lane, task);
        }
    }

    /// <summary>Sends for the step that the cursor is at, if there is one, and moves on.</summary>
    private static MatVecRingCursor Send<TOctet, TFormat, TPairs>(
        MatVecRingStages ring, int stage, MatVecRingCursor ahead, TPairs pairs, MatVecTask task, int lane)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TPairs : struct, IWeightPairs
    {
        if (ahead.Pair >= task.Pairs) return ahead;
        if (lane == 0)
        {
            var octetBytes = MatVecTask.Octet * default(TFormat).ElementBytes;
            var rowBytes = (ulong)task.Octets * (ulong)octetBytes;
            ulong first = pairs.First(ahead.Pair, rowBytes), second = pairs.Second(ahead.Pair, rowBytes);
            // The pieces of a warp that has the pair to itself lie one behind the other: one copy.
            var octets = task.Slices == 1 ? StepOctets : MatVec.WarpSize;
            ring.Expect(stage, 2 * octetBytes * ahead.OctetsOfStep(task));
            for (var piece = 0; piece < StepOctets; piece += octets)
            {
                var from = ahead.From + (piece * task.Slices);
                if (from >= task.Octets) break;
                var offset = (ulong)from * (ulong)octetBytes;
                ring.Send(stage, piece * octetBytes, first + offset, second + offset, IntrinsicMath.Min(octets, task.Octets - from) * octetBytes);
            }
        }
        return ahead.Next(task);
    }

    /// <summary>sums plus the products of a step, octets in the order in which <see cref="MatVecWalk{TOctet, TFormat}"/> takes them.</summary>
    private static TSums AddStep<TOctet, TFormat, TSums>(TSums sums, ulong slot, Floats panel, int from, int lane, MatVecTask task)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums>
    {
        var octetBytes = MatVecTask.Octet * default(TFormat).ElementBytes;
        var rowBytes = task.PanelOctets * MatVecTask.Octet * sizeof(float);
        var highHalf = (ulong)(task.PanelOctets * 4 * sizeof(float));
        for (var piece = 0; piece < StepOctets; piece += MatVec.WarpSize)
        {
            var octet = from + (piece * task.Slices) + lane;
            if (octet >= task.Octets) break;
            var address = slot + (ulong)((piece + lane) * octetBytes);
            var first = default(TFormat).LoadShared(address);
            var second = default(TFormat).LoadShared(address + (ulong)(StepOctets * octetBytes));
            var low = PtxInstructions.AddressOf(ref panel[octet * 4]);
            sums = default(TSums).AddProducts(sums, default(TFormat).Low(first), default(TFormat).Low(second), low, rowBytes);
            sums = default(TSums).AddProducts(sums, default(TFormat).High(first), default(TFormat).High(second), low + highHalf, rowBytes);
        }
        return sums;
    }
}
