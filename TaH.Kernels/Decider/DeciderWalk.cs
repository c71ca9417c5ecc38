using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A thread's quads of a pair of f32 weight rows, within the panel of x that is in shared memory. The warps that share a pair go through it in turns;
/// in a turn a thread takes a quad of the first half and one of the second, so that neighbours fetch neighbouring 16 bytes.
/// </summary>
internal readonly struct DeciderWalk
{
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly int _octets;
    private readonly int _slot;
    private readonly int _turn;

    /// <param name="first">The panel's beginning in the first weight row.</param>
    /// <param name="second">The same in the second.</param>
    /// <param name="octets">Octets of the panel.</param>
    /// <param name="slot">The thread among those that share the pair.</param>
    /// <param name="turn">How many share it.</param>
    public DeciderWalk(ulong first, ulong second, int octets, int slot, int turn)
    {
        _first = first;
        _second = second;
        _octets = octets;
        _slot = slot;
        _turn = turn;
    }

    /// <summary>Sends for the weights of four turns; those past the end are zeros.</summary>
    public MatVecBatch<SingleOctet> Load(int turn) => new(
        Load(_first, turn), Load(_second, turn), Load(_first, turn + 1), Load(_second, turn + 1),
        Load(_first, turn + 2), Load(_second, turn + 2), Load(_first, turn + 3), Load(_second, turn + 3));

    /// <summary>sums plus the products of all the thread's elements.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="batch">The weights of the first four turns.</param>
    /// <param name="panel">Where x starts in shared memory.</param>
    /// <param name="rowBytes">From one row of x to the next.</param>
    public TSums AddProducts<TSums>(TSums sums, MatVecBatch<SingleOctet> batch, ulong panel, int rowBytes) where TSums : unmanaged, IRowSums<TSums>
    {
        for (var turn = 0; turn * _turn < _octets;)
        {
            sums = AddProducts(sums, batch.First0, batch.Second0, turn, panel, rowBytes);
            sums = AddProducts(sums, batch.First1, batch.Second1, turn + 1, panel, rowBytes);
            sums = AddProducts(sums, batch.First2, batch.Second2, turn + 2, panel, rowBytes);
            sums = AddProducts(sums, batch.First3, batch.Second3, turn + 3, panel, rowBytes);
            turn += 4;
            if (turn * _turn < _octets) batch = Load(turn);
        }
        return sums;
    }

    private SingleOctet Load(ulong row, int turn)
    {
        var length = Length(turn);
        var low = row + (ulong)((turn * _turn * 2 * Word16.Bytes) + (_slot * Word16.Bytes));
        return new SingleOctet(
            PtxInstructions.LoadStreamed(low, _slot, length), PtxInstructions.LoadStreamed(low + (ulong)(length * Word16.Bytes), _slot, length));
    }

    private TSums AddProducts<TSums>(TSums sums, SingleOctet first, SingleOctet second, int turn, ulong panel, int rowBytes)
        where TSums : unmanaged, IRowSums<TSums>
    {
        var length = Length(turn);
        if (length <= 0) return sums; // the same for the whole group
        // Past the end the weights are zeros; any element of x will do.
        var low = panel + (ulong)((turn * _turn * 2 * Word16.Bytes) + (IntrinsicMath.Min(_slot, length - 1) * Word16.Bytes));
        sums = default(TSums).AddProducts(sums, default(SingleOctets).Low(first), default(SingleOctets).Low(second), low, rowBytes);
        var high = low + (ulong)(length * Word16.Bytes);
        return default(TSums).AddProducts(sums, default(SingleOctets).High(first), default(SingleOctets).High(second), high, rowBytes);
    }

    /// <summary>Octets of a turn: fewer than there are threads in the last, none behind it.</summary>
    private int Length(int turn) => IntrinsicMath.Min(_turn, _octets - (turn * _turn));
}
