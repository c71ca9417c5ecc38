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
    public static void Run<TOctet, TFormat, TSums, TPairs, TUpdates>(
        Floats x, Floats gain, TPairs pairs, TUpdates updates, Floats reduced, MatVecTask task, int stages)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums>
        where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
    {
        PtxInstructions.LetNextStart();
        var scratch = SharedMemory.Allocate<float>(MatVec.ScratchLength);
        var panel = SharedMemory.GetDynamic<float>();
        int warp = Group.IdxX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize;
        var ring = MatVecRingStages.Of(
            PtxInstructions.AddressOf(ref panel[default(TSums).Rows * task.PanelOctets * MatVecTask.Octet]), warp, stages,
            StepBytes(default(TFormat).ElementBytes));
        var octetBytes = MatVecTask.Octet * default(TFormat).ElementBytes;
        var ahead = MatVecRingCursor.Of(pairs, task, warp, octetBytes);
        if (lane == 0) ring.Prepare();
        Warp.Barrier();
        for (var stage = 0; stage < stages; stage++) ahead = Send(ring, stage, ahead, pairs, task, warp, lane, octetBytes);
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
                ahead = Send(ring, due, ahead, pairs, task, warp, lane, octetBytes);
                due++;
                if (due == stages) (due, parity) = (0, parity ^ 1);
            }
            if (warp % task.Slices == 0 && pair < task.Pairs)
                sums = MatVec.AddUpdates<TOctet, TFormat, TSums, TUpdates>(sums, updates, pair, lane, reduced);
            MatVec.Finish(sums, scratch, pairs, pair, warp, lane, task);
        }
    }

    /// <summary>Sends for the step that the cursor is at, if there is one, and moves on.</summary>
    private static MatVecRingCursor Send<TPairs>(
        MatVecRingStages ring, int stage, MatVecRingCursor ahead, TPairs pairs, MatVecTask task, int warp, int lane, int octetBytes)
        where TPairs : struct, IWeightPairs
    {
        if (ahead.Pair >= task.Pairs) return ahead;
        if (lane == 0)
        {
            // The pieces of a warp that has the pair to itself lie one behind the other: one copy of each row.
            if (task.Slices == 1) ring.SendWhole(stage, ahead.First, ahead.Second, IntrinsicMath.Min(StepOctets, task.Octets - ahead.From) * octetBytes);
            else ring.SendPieces(stage, ahead, task, octetBytes);
        }
        return ahead.Next(pairs, task, warp, octetBytes);
    }

    /// <summary>sums plus the products of a step, octets in the order in which <see cref="MatVecWalk{TOctet, TFormat}"/> takes them.</summary>
    private static TSums AddStep<TOctet, TFormat, TSums>(TSums sums, ulong slot, Floats panel, int from, int lane, MatVecTask task)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums>
    {
        var octetBytes = MatVecTask.Octet * default(TFormat).ElementBytes;
        var rowBytes = task.PanelOctets * MatVecTask.Octet * sizeof(float);
        var highHalf = (ulong)(task.PanelOctets * 4 * sizeof(float));
        var second = (ulong)(StepOctets * octetBytes); // from a piece of the first row to that of the second
        var address = slot + (ulong)(lane * octetBytes);
        var pieceBytes = (ulong)(MatVec.WarpSize * octetBytes);
        var x = PtxInstructions.AddressOf(ref panel[(from + lane) * 4]);
        var pieceOfX = (ulong)(task.Slices * MatVec.WarpSize * 4 * sizeof(float));
        if (from + (((3 * task.Slices) + 1) * MatVec.WarpSize) <= task.Octets)
        {
            // A whole step: all of it is fetched before the first product waits.
            TOctet first0 = default(TFormat).LoadShared(address), second0 = default(TFormat).LoadShared(address + second);
            TOctet first1 = default(TFormat).LoadShared(address + pieceBytes), second1 = default(TFormat).LoadShared(address + pieceBytes + second);
            TOctet first2 = default(TFormat).LoadShared(address + (2 * pieceBytes));
            TOctet second2 = default(TFormat).LoadShared(address + (2 * pieceBytes) + second);
            TOctet first3 = default(TFormat).LoadShared(address + (3 * pieceBytes));
            TOctet second3 = default(TFormat).LoadShared(address + (3 * pieceBytes) + second);
            sums = AddOctets<TOctet, TFormat, TSums>(sums, first0, second0, x, highHalf, rowBytes);
            sums = AddOctets<TOctet, TFormat, TSums>(sums, first1, second1, x + pieceOfX, highHalf, rowBytes);
            sums = AddOctets<TOctet, TFormat, TSums>(sums, first2, second2, x + (2 * pieceOfX), highHalf, rowBytes);
            return AddOctets<TOctet, TFormat, TSums>(sums, first3, second3, x + (3 * pieceOfX), highHalf, rowBytes);
        }
        for (var octet = from + lane; octet < task.Octets; octet += task.Slices * MatVec.WarpSize)
        {
            sums = AddOctets<TOctet, TFormat, TSums>(
                sums, default(TFormat).LoadShared(address), default(TFormat).LoadShared(address + second), x, highHalf, rowBytes);
            address += pieceBytes;
            x += pieceOfX;
        }
        return sums;
    }

    private static TSums AddOctets<TOctet, TFormat, TSums>(TSums sums, TOctet first, TOctet second, ulong x, ulong highHalf, int rowBytes)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums>
    {
        sums = default(TSums).AddProducts(sums, default(TFormat).Low(first), default(TFormat).Low(second), x, rowBytes);
        return default(TSums).AddProducts(sums, default(TFormat).High(first), default(TFormat).High(second), x + highHalf, rowBytes);
    }
}
