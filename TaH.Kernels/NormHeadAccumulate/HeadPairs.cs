using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Neighbouring rows of the head, whose products go into the sums of the rows' slots and into the maxima of their buckets.</summary>
/// <param name="Weight">Where the head starts.</param>
/// <param name="Depths">[rows].</param>
/// <param name="Slots">[rows].</param>
/// <param name="Accumulated">[slots, vocab], written at depth 0 and added to deeper.</param>
/// <param name="Maxima">[slots, buckets], raised.</param>
/// <param name="Raw">[rows, vocab]; written if it is kept.</param>
/// <param name="Vocab">Rows of the head.</param>
/// <param name="KeepsRaw">1 if the products themselves are read later.</param>
internal readonly record struct HeadPairs(
    ulong Weight, Ints Depths, Ints Slots, Floats Accumulated, Keys Maxima, Floats Raw, int Vocab, int KeepsRaw) : IWeightPairs
{
    /// <summary>Pairs of an odd number of rows end with half a pair.</summary>
    public int Pairs => (Vocab + 1) / 2;

    public ulong First(int pair, ulong rowBytes) => Weight + ((ulong)(2 * pair) * rowBytes);

    public ulong Second(int pair, ulong rowBytes) => Weight + ((ulong)((2 * pair) + 1 < Vocab ? (2 * pair) + 1 : 2 * pair) * rowBytes);

    public void Store(int pair, int row, float first, float second)
    {
        int slot = Slots[row], token = 2 * pair;
        var deep = Depths[row] > 0;
        var largest = StoreOne(slot, row, token, first, deep);
        // Neighbours of an even and the odd token behind it are in one bucket.
        if (token + 1 < Vocab) largest = XMath.Max(largest, StoreOne(slot, row, token + 1, second, deep));
        Atomic.Max(ref Maxima[((long)slot * LogitsBuckets.Count) + LogitsBuckets.Of(token)], largest);
    }

    private uint StoreOne(int slot, int row, int token, float product, bool deep)
    {
        if (KeepsRaw != 0) Raw[((long)row * Vocab) + token] = product;
        var at = ((long)slot * Vocab) + token;
        var sum = deep ? Accumulated[at] + product : product; // a fresh slot may hold anything, so depth 0 does not read it
        Accumulated[at] = sum;
        return OrderedBits.Of(sum);
    }
}
