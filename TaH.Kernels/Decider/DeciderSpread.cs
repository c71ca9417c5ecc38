using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// CUDA: the whole decider in one launch for one row, the features inside each block spread over groups that stay. A group makes its features from
/// all of x and what they add to every element of the next x; of x it owns four elements, for which the others send it their parts, and whose sums it
/// sends to all. Weights are on their way before x comes, and fit in registers. Nobody meets at a barrier of all groups: every number travels in a
/// cell with the tag of launch and step (see <see cref="PtxInstructions.LoadTagged"/>), in an inbox of the group that reads it.
/// </summary>
/// <remarks>
/// The hidden states are read before the kernel in front has ended: it must have let this one start only when those that wrote them had.
/// </remarks>
internal static class DeciderSpread
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>The widest x: two octets of a row of weights are a thread's.</summary>
    public const int MaxWidth = 2 * MatVecTask.Octet * MatVec.WarpSize;

    /// <summary>Warps of a group.</summary>
    public const int Warps = GroupSize / MatVec.WarpSize;

    /// <summary>Features inside a block that a group makes: two a warp.</summary>
    public const int Features = 2 * Warps;

    /// <summary>Elements of x that a group owns.</summary>
    public const int Owned = 4;

    /// <summary>The most blocks.</summary>
    public const int MaxBlocks = ((int)TagsOfLaunch / 2) - 1;

    /// <summary>From the tags of a launch to those of the next.</summary>
    public const uint TagsOfLaunch = 128;

    /// <summary>One launch.</summary>
    public static void Run(DeciderStates states, DeciderSpreadTask task)
    {
        var x = SharedMemory.Allocate<float>(MaxWidth);
        var features = SharedMemory.Allocate<float>(Features);
        var parts = SharedMemory.Allocate<float>(Warps * Owned);
        for (var i = Group.IdxX; i < MaxWidth; i += GroupSize) x[i] = 0f; // behind the width it stays so
        var cells = new DeciderSpreadCells(task);
        var tag = DeciderSpreadInput.Send(states, task, cells, parts);
        for (var block = 0; block < task.Blocks; block++)
        {
            // On their way while x comes.
            var weights = new DeciderSpreadWeights(task, block);
            Receive(task, cells, x, tag + 1u);
            weights.Expand(task, x, features);
            Group.Barrier();
            weights.Contract(cells, features, tag + 2u);
            if (cells.Owns) SumOwned(task, cells, x, parts, weights.Bias, tag + 2u);
            Group.Barrier();
            tag += 2u;
            // The last x is for the first group alone.
            if (Group.IdxX < (block + 1 < task.Blocks ? cells.Readers : IntrinsicMath.Min(cells.Readers, 1))) SendOwned(cells, parts, tag + 1u);
        }
        if (Grid.IdxX != 0) return;
        Receive(task, cells, x, tag + 1u);
        Decide(task, x);
    }

    /// <summary>Sends the group's elements of x, the sums of the warps' parts, to the thread's reader.</summary>
    public static void SendOwned(DeciderSpreadCells cells, Floats parts, uint tag)
    {
        var at = PtxInstructions.AddressOf(ref parts[0]);
        Quad even = PtxInstructions.LoadSharedQuad(at), odd = PtxInstructions.LoadSharedQuad(at + Word16.Bytes);
        for (var warp = 2; warp < Warps; warp += 2)
        {
            even = even.Plus(PtxInstructions.LoadSharedQuad(at + (ulong)(warp * Word16.Bytes)));
            odd = odd.Plus(PtxInstructions.LoadSharedQuad(at + (ulong)((warp + 1) * Word16.Bytes)));
        }
        var sum = even.Plus(odd);
        PtxInstructions.StoreTaggedPair(cells.ElementsOut, sum.A, sum.B, tag);
        PtxInstructions.StoreTaggedPair(cells.ElementsOut + (2 * sizeof(ulong)), sum.C, sum.D, tag);
    }

    /// <summary>Sums up what groups have sent for the elements that this one owns, a part a warp.</summary>
    private static void SumOwned(DeciderSpreadTask task, DeciderSpreadCells cells, Floats x, Floats parts, float bias, uint tag)
    {
        var own = Group.IdxX < task.Groups ? PtxInstructions.LoadTaggedQuad(cells.PartsIn, tag) : default;
        var sum = FourSums.OverWarp(own);
        if (!FourSums.Writes) return;
        // The first warp's part has what x was, and the bias, which come to nobody else.
        if (Group.IdxX < MatVec.WarpSize) sum += x[(Owned * Grid.IdxX) + FourSums.Place] + bias;
        parts[(Group.IdxX / MatVec.WarpSize * Owned) + FourSums.Place] = sum;
    }

    /// <summary>Brings x to shared memory.</summary>
    private static void Receive(DeciderSpreadTask task, DeciderSpreadCells cells, Floats x, uint tag)
    {
        if (4 * Group.IdxX < task.Width)
            PtxInstructions.StoreSharedQuad(
                PtxInstructions.AddressOf(ref x[4 * Group.IdxX]), PtxInstructions.LoadTaggedQuad(cells.ElementsIn, tag));
        Group.Barrier();
    }

    private static void Decide(DeciderSpreadTask task, Floats x)
    {
        var row = DeciderSpreadRow.Of(x, task.Width);
        var end = PtxInstructions.LoadConstantPair(task.OutputWeight + ((ulong)task.Width * sizeof(float)));
        var sums = DeciderSpreadSums.Of(row, row.Dot(DeciderSpreadRow.Load(task.OutputWeight, task.Width)), 0f, task.WidthShare);
        if (Group.IdxX == 0) task.Decision[0] = sums.Normed(sums.First, end.Second) + end.First;
    }
}
