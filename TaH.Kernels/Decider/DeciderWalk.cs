using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A step of a thread through a pair of weight rows: two octets of each, one in either of two turns of the warps that share the pair.
/// </summary>
/// <typeparam name="TOctet">Eight stored weights.</typeparam>
/// <typeparam name="TFormat">How they are stored.</typeparam>
internal readonly struct DeciderWalk<TOctet, TFormat> where TOctet : unmanaged where TFormat : struct, IDeciderOctets<TOctet>
{
    /// <summary>Turns of a step.</summary>
    public const int Turns = 2;

    private readonly TOctet _first0;
    private readonly TOctet _second0;
    private readonly TOctet _first1;
    private readonly TOctet _second1;
    private readonly int _octets;
    private readonly int _slot;
    private readonly int _turn;

    /// <summary>Sends for the weights; those past the end are zeros.</summary>
    /// <param name="first">The step's beginning in the first weight row.</param>
    /// <param name="second">The same in the second.</param>
    /// <param name="octets">Octets of the step, at most two turns.</param>
    /// <param name="slot">The thread among those that share the pair.</param>
    /// <param name="turn">How many share it.</param>
    public DeciderWalk(ulong first, ulong second, int octets, int slot, int turn)
    {
        (_octets, _slot, _turn) = (octets, slot, turn);
        var length = IntrinsicMath.Min(turn, octets);
        _first0 = default(TFormat).Load(first, 0, slot, length);
        _second0 = default(TFormat).Load(second, 0, slot, length);
        _first1 = default(TFormat).Load(first, turn, slot, octets - turn);
        _second1 = default(TFormat).Load(second, turn, slot, octets - turn);
    }

    /// <summary>sums plus the products of the thread's elements.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="x">Where x starts in shared memory.</param>
    /// <param name="rowBytes">From one row of x to the next.</param>
    public TSums AddProducts<TSums>(TSums sums, ulong x, int rowBytes) where TSums : unmanaged, IRowSums<TSums>
    {
        sums = AddProducts(sums, _first0, _second0, 0, IntrinsicMath.Min(_turn, _octets), x, rowBytes);
        return _octets <= _turn ? sums : AddProducts(sums, _first1, _second1, _turn, _octets - _turn, x, rowBytes);
    }

    private TSums AddProducts<TSums>(TSums sums, TOctet first, TOctet second, int octet, int length, ulong x, int rowBytes)
        where TSums : unmanaged, IRowSums<TSums>
    {
        var slot = IntrinsicMath.Min(_slot, length - 1); // past the end the weights are zeros; any element of x will do
        var low = x + (ulong)(default(TFormat).LowPlace(octet, slot) * sizeof(float));
        sums = default(TSums).AddProducts(sums, default(TFormat).Low(first), default(TFormat).Low(second), low, rowBytes);
        var high = x + (ulong)(default(TFormat).HighPlace(octet, slot, length) * sizeof(float));
        return default(TSums).AddProducts(sums, default(TFormat).High(first), default(TFormat).High(second), high, rowBytes);
    }
}
