using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>The logits of a row among which its k largest are, in shared memory. All threads of the group call each method.</summary>
/// <param name="Ranks">[capacity] the order of the logits, see <see cref="RankOf"/>.</param>
/// <param name="Values">[capacity] the logits.</param>
/// <param name="Counts">[cells] counters, zero at first.</param>
internal readonly record struct TopKCandidates(ArrayView<ulong> Ranks, Floats Values, ArrayView<int> Counts)
{
    /// <summary>Candidates that there is room for.</summary>
    public const int Capacity = GroupThreshold.MaxCandidates;

    /// <summary>Counters in shared memory.</summary>
    public const int CellCount = 4;

    /// <summary>The counter of buckets that hold candidates.</summary>
    public const int BucketsCell = 0;

    private const int CandidatesCell = 1;
    private const int SumCell = 2; // and the one behind it, by turns

    // Threads that find the rank of a candidate together: a group has eight times as many as there usually are candidates.
    private const int Sharers = 8;

    /// <summary>How many were found; perhaps more than there is room for.</summary>
    public int Count => Counts[CandidatesCell];

    /// <summary>Larger for a larger logit, and among equals for a lower token.</summary>
    private static ulong RankOf(uint key, int token) => ((ulong)key << 32) | ~(uint)token;

    /// <summary>Adds the logits of some buckets that reach a threshold.</summary>
    public void CollectFrom(ArrayView<int> buckets, int count, Floats accumulated, long start, uint threshold, int vocab)
    {
        // Two quads a run. Four of them are on their way to every thread at a time.
        int halves = 2 * LogitsBuckets.RunsOf(vocab), items = count * halves, step = Group.DimX;
        // NaN, which is not below it, counts as larger than anything. If it is one itself, all come, and are too many.
        var (bound, share) = (OrderedBits.ToFloat(threshold), 1f / halves);
        for (var item = Group.IdxX; item < items; item += 4 * step)
        {
            int token0 = TokenOf(buckets, item, halves, share, items, vocab), token1 = TokenOf(buckets, item + step, halves, share, items, vocab);
            int item2 = item + (2 * step), item3 = item + (3 * step);
            int token2 = TokenOf(buckets, item2, halves, share, items, vocab), token3 = TokenOf(buckets, item3, halves, share, items, vocab);
            var four0 = LogitsBuckets.Load(accumulated, start, token0, vocab);
            var four1 = LogitsBuckets.Load(accumulated, start, token1, vocab);
            var four2 = LogitsBuckets.Load(accumulated, start, token2, vocab);
            var four3 = LogitsBuckets.Load(accumulated, start, token3, vocab);
            Add(four0, token0, bound, vocab);
            Add(four1, token1, bound, vocab);
            Add(four2, token2, bound, vocab);
            Add(four3, token3, bound, vocab);
        }
    }

    /// <summary>Replaces whatever there is by exactly the k largest: the k-th key, and the last token with it that belongs, bit by bit.</summary>
    public void CollectExactly(Floats accumulated, long start, TopKShape shape)
    {
        var key = 0u;
        var turn = 0;
        for (var bit = 0x80000000u; bit != 0u; bit >>= 1)
        {
            if (CountFrom(accumulated, start, shape.Vocab, key | bit, turn++) >= shape.K) key |= bit;
        }
        var needed = shape.K - (key == uint.MaxValue ? 0 : CountFrom(accumulated, start, shape.Vocab, key + 1u, turn++));
        var last = 0; // the largest token before which there are fewer equals than needed: it is the last that belongs
        for (var bit = 1 << 30; bit != 0; bit >>= 1)
        {
            if (bit >= shape.Vocab) continue;
            if (CountEquals(accumulated, start, XMath.Min(last | bit, shape.Vocab), key, turn++) < needed) last |= bit;
        }
        if (Group.IdxX == 0) Counts[CandidatesCell] = 0;
        Group.Barrier();
        for (var token = Group.IdxX; token < shape.Vocab; token += Group.DimX)
        {
            var value = accumulated[start + token];
            var own = OrderedBits.Of(value);
            if ((own > key) | ((own == key) & (token <= last))) Put(value, own, token);
        }
        Group.Barrier();
    }

    /// <summary>Writes the k largest in order.</summary>
    public void WriteLargest(Floats topValues, Ints topTokens, long target, int k)
    {
        int sharer = Group.IdxX % Sharers, count = Count;
        for (var first = 0; first < count; first += Group.DimX / Sharers) // the same for a whole group
        {
            var candidate = first + (Group.IdxX / Sharers);
            var own = Ranks[XMath.Min(candidate, count - 1)];
            var larger = 0;
            for (var other = sharer; other < count; other += Sharers) larger += Ranks[other] > own ? 1 : 0;
            larger += Warp.ShuffleXor(larger, 4);
            larger += Warp.ShuffleXor(larger, 2);
            larger += Warp.ShuffleXor(larger, 1);
            if (sharer != 0 || candidate >= count || larger >= k) continue;
            topValues[target + larger] = Values[candidate];
            topTokens[target + larger] = (int)~(uint)own;
        }
    }

    /// <summary>The first token of an item of <see cref="CollectFrom"/>; vocab if there is none.</summary>
    private static int TokenOf(ArrayView<int> buckets, int item, int halves, float share, int items, int vocab)
    {
        if (item >= items) return vocab;
        // item / halves: there are few enough of both for the quotient's distance from a whole number to exceed its roundings.
        var at = (int)((item + 0.5f) * share);
        int bucket = buckets[at], half = item - (at * halves);
        return (bucket * LogitsBuckets.Run) + (half / 2 * LogitsBuckets.Stride) + (half % 2 * 4);
    }

    private void Add(Quad four, int token, float bound, int vocab)
    {
        AddOne(four.A, token, bound, vocab);
        AddOne(four.B, token + 1, bound, vocab);
        AddOne(four.C, token + 2, bound, vocab);
        AddOne(four.D, token + 3, bound, vocab);
    }

    private void AddOne(float value, int token, float bound, int vocab)
    {
        if (!(value < bound) & (token < vocab)) Put(value, OrderedBits.Of(value), token);
    }

    private void Put(float value, uint key, int token)
    {
        var place = Atomic.Add(ref Counts[CandidatesCell], 1);
        if (place >= Capacity) return;
        Ranks[place] = RankOf(key, token);
        Values[place] = value;
    }

    private int CountFrom(Floats accumulated, long start, int vocab, uint key, int turn)
    {
        var count = 0;
        for (var token = Group.IdxX; token < vocab; token += Group.DimX) count += OrderedBits.Of(accumulated[start + token]) >= key ? 1 : 0;
        return Sum(count, turn);
    }

    private int CountEquals(Floats accumulated, long start, int end, uint key, int turn)
    {
        var count = 0;
        for (var token = Group.IdxX; token < end; token += Group.DimX) count += OrderedBits.Of(accumulated[start + token]) == key ? 1 : 0;
        return Sum(count, turn);
    }

    /// <summary>The sum over the group. Turns take two cells by turns, so that one can be cleared while the other is read.</summary>
    private int Sum(int value, int turn)
    {
        int cell = SumCell + (turn & 1), other = SumCell + ((turn + 1) & 1);
        value = WarpReduce.Sum(value);
        if (Group.IdxX % MatVec.WarpSize == 0) Atomic.Add(ref Counts[cell], value);
        Group.Barrier();
        var sum = Counts[cell];
        if (Group.IdxX == 0) Counts[other] = 0;
        Group.Barrier();
        return sum;
    }
}
