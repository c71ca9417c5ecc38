using ILGPU;

namespace TaH.Kernels;

/// <summary>A thread's octets of a pair of weight rows, within the panel of x that is in shared memory.</summary>
internal readonly struct MatVecWalk<TOctet, TFormat> where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet>
{
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly int _octets;
    private readonly int _stride;
    private readonly int _elements;

    /// <param name="first">The first weight row.</param>
    /// <param name="second">The second weight row.</param>
    /// <param name="from">The panel's first octet.</param>
    /// <param name="slot">The thread among those that share the pair.</param>
    /// <param name="task">The sizes.</param>
    public MatVecWalk(ulong first, ulong second, int from, int slot, MatVecTask task)
    {
        var start = (ulong)from * OctetBytes;
        _first = first + start;
        _second = second + start;
        _octets = IntrinsicMath.Max(IntrinsicMath.Min(task.PanelOctets, task.WeightOctets - from), 0);
        _elements = IntrinsicMath.Min(task.PanelOctets * MatVecTask.Octet, task.Inner - (from * MatVecTask.Octet));
        _stride = task.Slices * MatVec.WarpSize;
        Slot = slot;
    }

    /// <summary>The thread among those that share the pair: its first octet.</summary>
    public int Slot { get; }

    private static ulong OctetBytes => (ulong)(MatVecTask.Octet * default(TFormat).ElementBytes);

    /// <summary>Sends for four octets of each weight row; those past the end are zeros.</summary>
    public MatVecBatch<TOctet> Load(int octet) => new(
        Load(_first, octet), Load(_second, octet), Load(_first, octet + _stride), Load(_second, octet + _stride),
        Load(_first, octet + (2 * _stride)), Load(_second, octet + (2 * _stride)),
        Load(_first, octet + (3 * _stride)), Load(_second, octet + (3 * _stride)));

    /// <summary>sums plus the products of all the thread's elements.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="batch">The first four octets of each row.</param>
    /// <param name="panel">x.</param>
    /// <param name="task">The sizes.</param>
    public TSums AddProducts<TSums>(TSums sums, MatVecBatch<TOctet> batch, Floats panel, MatVecTask task) where TSums : unmanaged, IRowSums<TSums>
    {
        var octet = Slot;
        while (octet < _octets)
        {
            sums = AddProducts(sums, batch.First0, batch.Second0, panel, octet, task);
            sums = AddProducts(sums, batch.First1, batch.Second1, panel, octet + _stride, task);
            sums = AddProducts(sums, batch.First2, batch.Second2, panel, octet + (2 * _stride), task);
            sums = AddProducts(sums, batch.First3, batch.Second3, panel, octet + (3 * _stride), task);
            octet += 4 * _stride;
            if (octet < _octets) batch = Load(octet);
        }
        return AddSingleProducts(sums, panel, task);
    }

    private TOctet Load(ulong row, int octet) => default(TFormat).Load(row + ((ulong)octet * OctetBytes), octet, _octets);

    private TSums AddProducts<TSums>(TSums sums, TOctet first, TOctet second, Floats panel, int octet, MatVecTask task)
        where TSums : unmanaged, IRowSums<TSums>
    {
        // Past the end the weights are zeros; any element of x will do.
        var low = PtxInstructions.AddressOf(ref panel[IntrinsicMath.Min(octet, _octets - 1) * 4]);
        var rowBytes = task.PanelOctets * MatVecTask.Octet * sizeof(float);
        sums = default(TSums).AddProducts(sums, default(TFormat).Low(first), default(TFormat).Low(second), low, rowBytes);
        var high = low + (ulong)(task.PanelOctets * 4 * sizeof(float));
        return default(TSums).AddProducts(sums, default(TFormat).High(first), default(TFormat).High(second), high, rowBytes);
    }

    /// <summary>What no whole octet holds, and rows that octets cannot be fetched from.</summary>
    private TSums AddSingleProducts<TSums>(TSums sums, Floats panel, MatVecTask task) where TSums : unmanaged, IRowSums<TSums>
    {
        for (var element = (_octets * MatVecTask.Octet) + Slot; element < _elements; element += _stride)
        {
            var offset = (ulong)(element * default(TFormat).ElementBytes);
            sums = default(TSums).AddProduct(
                sums, default(TFormat).LoadOne(_first + offset), default(TFormat).LoadOne(_second + offset), panel,
                MatVecPanel.Place(element, task), task.PanelOctets * MatVecTask.Octet);
        }
        return sums;
    }
}

/// <summary>Four octets of each of two weight rows, on their way to registers.</summary>
internal readonly record struct MatVecBatch<TOctet>(
    TOctet First0, TOctet Second0, TOctet First1, TOctet Second1, TOctet First2, TOctet Second2, TOctet First3, TOctet Second3)
    where TOctet : unmanaged;
