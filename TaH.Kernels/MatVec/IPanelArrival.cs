using ILGPU;

namespace TaH.Kernels;

/// <summary>How x comes into a group's panel. All threads of the group call each method.</summary>
/// <typeparam name="TSelf">The implementing type: what a thread keeps of the time before x may be read.</typeparam>
internal interface IPanelArrival<TSelf> where TSelf : unmanaged, IPanelArrival<TSelf>
{
    /// <summary>What can be done while x is still made. Threads meet before they go on.</summary>
    TSelf Begin(Floats gain, Floats scratch, MatVecTask task);

    /// <summary>Fills the panel, as <see cref="MatVecPanel"/> says; every thread may read it then.</summary>
    void Bring(TSelf begun, Floats x, Floats gain, Floats panel, Floats scratch, int from, int rows, MatVecTask task);
}

/// <summary>Every thread loads some of it.</summary>
/// <param name="Nothing">A struct in a kernel needs a field.</param>
internal readonly record struct LoadedPanel(int Nothing) : IPanelArrival<LoadedPanel>
{
    public LoadedPanel Begin(Floats gain, Floats scratch, MatVecTask task) => default;

    public void Bring(LoadedPanel begun, Floats x, Floats gain, Floats panel, Floats scratch, int from, int rows, MatVecTask task)
    {
        Group.Barrier(); // nobody reads the last panel any more
        MatVecPanel.Stage(x, gain, panel, scratch, from, rows, task);
        Group.Barrier();
    }
}

/// <summary>
/// Hopper, one row that comes in one piece: the copying hardware brings it. A load would queue up behind the group's weights, which were sent for
/// before and have all of memory to come from; a bulk copy goes past them.
/// </summary>
/// <param name="Low">Four elements of the gain that the thread's octet of x meets.</param>
/// <param name="High">The four behind.</param>
internal readonly record struct CopiedPanel(Quad Low, Quad High) : IPanelArrival<CopiedPanel>
{
    /// <summary>Whether a row fits behind its panel as it comes, and whether addresses and bytes are multiples of 16.</summary>
    public static bool Takes(MatVecTask task) =>
        task.Rows == 1 && task.StagedOctets == task.Octets && task.PanelOctets == task.Octets && 2 * task.Inner <= MatVecPanel.Capacity;

    public CopiedPanel Begin(Floats gain, Floats scratch, MatVecTask task)
    {
        if (Group.IdxX == 0)
        {
            PtxInstructions.InitialiseBarrier(Barrier(scratch), 1);
            PtxInstructions.ShowBarriers();
        }
        Group.Barrier();
        return task.Normalize != 0 && Group.IdxX < task.Octets ? Gain(gain, Group.IdxX) : default;
    }

    public void Bring(CopiedPanel begun, Floats x, Floats gain, Floats panel, Floats scratch, int from, int rows, MatVecTask task)
    {
        var came = (uint)PtxInstructions.AddressOf(ref panel[task.Inner]);
        if (Group.IdxX == 0)
        {
            PtxInstructions.ArriveExpecting(Barrier(scratch), task.Inner * sizeof(float));
            PtxInstructions.StartBytes(came, PtxInstructions.AddressOf(ref x[0]), task.Inner * sizeof(float), Barrier(scratch));
        }
        PtxInstructions.WaitForBarrier(Barrier(scratch), 0);
        // Squares are summed as MatVecPanel does, chunk by chunk: a row's result does not depend on the way that it came.
        int warp = Group.IdxX / MatVec.WarpSize, lane = Group.IdxX % MatVec.WarpSize;
        var squares = 0f;
        for (var chunk = warp * MatVec.WarpSize; chunk < task.Octets; chunk += MatVec.GroupSize)
        {
            var octet = chunk + lane;
            var sum = 0f;
            if (octet < task.Octets)
            {
                if (task.Normalize != 0 && octet >= MatVec.GroupSize) begun = Gain(gain, octet);
                sum = Place(begun, came, panel, octet, task);
            }
            if (task.Normalize != 0) squares += WarpReduce.Sum(sum);
        }
        if (task.Normalize != 0 && lane == 0) scratch[warp] = squares;
        Group.Barrier();
    }

    /// <summary>Puts an octet in its two places, times the gain if x is normalised. Returns the sum of its squares.</summary>
    private static float Place(CopiedPanel gain, uint came, Floats panel, int octet, MatVecTask task)
    {
        var at = came + (uint)(octet * MatVecTask.Octet * sizeof(float));
        Quad low = PtxInstructions.LoadSharedQuad(at), high = PtxInstructions.LoadSharedQuad(at + Word16.Bytes);
        var squares = low.Squares() + high.Squares();
        if (task.Normalize != 0) (low, high) = (low.Times(gain.Low), high.Times(gain.High));
        PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref panel[octet * 4]), low);
        PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref panel[(octet + task.PanelOctets) * 4]), high);
        return squares;
    }

    private static uint Barrier(Floats scratch) => (uint)PtxInstructions.AddressOf(ref scratch[MatVec.BarrierAt]);

    // Sent for where the call stands: in front of the weights.
    private static CopiedPanel Gain(Floats gain, int octet)
    {
        var at = PtxInstructions.AddressOf(ref gain[octet * MatVecTask.Octet]);
        return new CopiedPanel(PtxInstructions.LoadQuadAhead(at), PtxInstructions.LoadQuadAhead(at + Word16.Bytes));
    }
}
