using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A panel of x in shared memory, f32. Of each octet the low four elements lie in the first half of a row and the high four in the second, so that
/// neighbouring threads, which read neighbouring octets 16 bytes at a time, never meet in a bank.
/// </summary>
internal static class MatVecPanel
{
    /// <summary>Floats that fit beside <see cref="MatVec.ScratchLength"/> in the 48 KiB that any group may have.</summary>
    public const int Capacity = 12288 - MatVec.ScratchLength;

    /// <summary>Octets of each of some rows that fit, whole batches of a warp.</summary>
    public static int LargestOctets(int rows) => Capacity / (MatVecTask.Octet * rows) / MatVec.BatchOctets * MatVec.BatchOctets;

    /// <summary>The place of an element of the first row.</summary>
    public static int Place(int element, MatVecTask task) => ((element & 4) * task.PanelOctets) + ((element >> 3) * 4) + (element & 3);

    /// <summary>Fills the panel, times the gain if x is normalised. Rows are shared out among the warps.</summary>
    /// <param name="x">[rows, inner].</param>
    /// <param name="gain">[inner]; read only if x is normalised.</param>
    /// <param name="panel">Written.</param>
    /// <param name="squares">[rows, warps], written if x is normalised: parts of each row's sum of squares, up to the end of this panel.</param>
    /// <param name="from">The panel's first octet.</param>
    /// <param name="rows">Rows that the kernel was compiled for.</param>
    /// <param name="task">The sizes.</param>
    /// <remarks>
    /// A warp takes 32 octets, a chunk, at a time, and squares are summed chunk by chunk, the chunks of a row in eight parts. However many rows there
    /// are and wherever panels end, a row is summed in the same order: its result does not depend on its company.
    /// </remarks>
    public static void Stage(Floats x, Floats gain, Floats panel, Floats squares, int from, int rows, MatVecTask task)
    {
        var warps = MatVec.Warps / rows; // of a row
        var warp = Group.IdxX / MatVec.WarpSize;
        var row = warp / warps;
        if (row >= task.Rows) return;
        if (task.Normalize != 0 && from == 0) Clear(squares, row, warp % warps, warps);
        var end = IntrinsicMath.Min(from + task.PanelOctets, task.Octets);
        var firstChunk = from / MatVec.WarpSize;
        if (task.Normalize == 0 && end <= task.StagedOctets)
        {
            StagePlain(x, panel, row, from, end, (warp % warps * MatVec.WarpSize) + (Group.IdxX % MatVec.WarpSize), warps * MatVec.WarpSize, task);
            return;
        }
        for (var chunk = firstChunk + ((warp - firstChunk) & (warps - 1)); chunk * MatVec.WarpSize < end; chunk += warps)
        {
            var octet = (chunk * MatVec.WarpSize) + (Group.IdxX % MatVec.WarpSize);
            var sum = 0f;
            if (octet < end) sum = Stage(x, gain, panel, row, octet, octet - from, task);
            if (task.Normalize == 0) continue;
            sum = WarpReduce.Sum(sum);
            if (Group.IdxX % MatVec.WarpSize == 0) squares[(row * MatVec.Warps) + (chunk % MatVec.Warps)] += sum;
        }
    }

    /// <summary>Copies a row's octets, three of a thread at a time: a product of 6,144 columns has its x after one round trip to memory.</summary>
    private static void StagePlain(Floats x, Floats panel, int row, int from, int end, int slot, int apart, MatVecTask task)
    {
        var source = PtxInstructions.AddressOf(ref x[(long)row * task.Inner]);
        var target = PtxInstructions.AddressOf(ref panel[row * task.PanelOctets * MatVecTask.Octet]);
        for (var octet = from + slot; octet < end; octet += 3 * apart)
        {
            int second = octet + apart, third = second + apart;
            Quad low = Load(source, octet, end), high = Load(source + Word16.Bytes, octet, end);
            Quad secondLow = Load(source, second, end), secondHigh = Load(source + Word16.Bytes, second, end);
            Quad thirdLow = Load(source, third, end), thirdHigh = Load(source + Word16.Bytes, third, end);
            Store(target, octet - from, low, high, task);
            if (second < end) Store(target, second - from, secondLow, secondHigh, task);
            if (third < end) Store(target, third - from, thirdLow, thirdHigh, task);
        }
    }

    private static Quad Load(ulong row, int octet, int end) =>
        PtxInstructions.LoadQuadBelow(row + (ulong)(octet * MatVecTask.Octet * sizeof(float)), octet, end);

    private static void Store(ulong target, int place, Quad low, Quad high, MatVecTask task)
    {
        PtxInstructions.StoreSharedQuad(target + (ulong)(place * Word16.Bytes), low);
        PtxInstructions.StoreSharedQuad(target + (ulong)((place + task.PanelOctets) * Word16.Bytes), high);
    }

    /// <summary>The sum of a row's parts.</summary>
    public static float SumOfSquares(Floats squares, int row)
    {
        var sum = 0f;
        for (var part = 0; part < MatVec.Warps; part++) sum += squares[(row * MatVec.Warps) + part];
        return sum;
    }

    private static void Clear(Floats squares, int row, int warp, int warps)
    {
        // Each warp clears the parts that it adds to, by the thread that adds.
        if (Group.IdxX % MatVec.WarpSize != 0) return;
        for (var part = warp; part < MatVec.Warps; part += warps) squares[(row * MatVec.Warps) + part] = 0;
    }

    /// <summary>One octet, which ends early where the row does. Returns the sum of its squares.</summary>
    private static float Stage(Floats x, Floats gain, Floats panel, int row, int octet, int place, MatVecTask task)
    {
        var source = ((long)row * task.Inner) + (octet * MatVecTask.Octet);
        var target = (row * task.PanelOctets * MatVecTask.Octet) + (place * 4);
        return octet < task.StagedOctets
            ? StageWhole(x, gain, panel, source, octet * MatVecTask.Octet, target, task)
            : StageElements(x, gain, panel, source, octet * MatVecTask.Octet, target, task);
    }

    private static float StageWhole(Floats x, Floats gain, Floats panel, long source, int element, int target, MatVecTask task)
    {
        var address = PtxInstructions.AddressOf(ref x[source]);
        var low = PtxInstructions.LoadQuad(address);
        var high = PtxInstructions.LoadQuad(address + Word16.Bytes);
        var sum = 0f;
        if (task.Normalize != 0)
        {
            sum = low.Squares() + high.Squares();
            address = PtxInstructions.AddressOf(ref gain[element]);
            low = low.Times(PtxInstructions.LoadQuad(address));
            high = high.Times(PtxInstructions.LoadQuad(address + Word16.Bytes));
        }
        PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref panel[target]), low);
        PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref panel[target + (task.PanelOctets * 4)]), high);
        return sum;
    }

    private static float StageElements(Floats x, Floats gain, Floats panel, long source, int element, int target, MatVecTask task)
    {
        var sum = 0f;
        var count = IntrinsicMath.Min(MatVecTask.Octet, task.Inner - element);
        for (var i = 0; i < count; i++)
        {
            var value = x[source + i];
            if (task.Normalize != 0)
            {
                sum += value * value;
                value *= gain[element + i];
            }
            panel[target + Place(i, task)] = value;
        }
        return sum;
    }
}
