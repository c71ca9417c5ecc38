using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: one group a row. A threshold that at least k elements reach thins the row out to candidates in shared memory, in a fixed order
/// without atomics; each candidate then finds its rank by counting.
/// </summary>
internal static class TopKPortable
{
    public static void Kernel(Ints headRows, Ints slots, Floats accumulated, Floats topValues, Ints topTokens, TopKShape shape)
    {
        var keys = SharedMemory.Allocate<uint>(GroupThreshold.MaxCandidates);
        var tokens = SharedMemory.Allocate<int>(GroupThreshold.MaxCandidates);
        var slot = slots[headRows[Grid.IdxX]];
        var start = (long)slot * shape.Vocab; // accumulated[slot, 0]
        var threshold = GroupThreshold.AtMostKthLargest(accumulated, start, shape.Vocab, shape.K, keys);
        var above = GroupReduce.Sum(CountAbove(accumulated, start, threshold, shape));
        if (above > GroupThreshold.MaxCandidates)
        {
            // The largest crowd into few chunks: find the k-th itself, which fewer than k elements exceed.
            threshold = GroupThreshold.KthLargest(accumulated, start, shape.Vocab, shape.K);
        }
        var candidates = Collect(accumulated, start, threshold, keys, tokens, shape);
        Group.Barrier();
        for (var c = Group.IdxX; c < candidates; c += Group.DimX)
        {
            var rank = 0;
            for (var other = 0; other < candidates; other++)
                rank += keys[other] > keys[c] || (keys[other] == keys[c] && tokens[other] < tokens[c]) ? 1 : 0;
            if (rank >= shape.K) continue;
            topValues[((long)slot * shape.K) + rank] = accumulated[start + tokens[c]];
            topTokens[((long)slot * shape.K) + rank] = tokens[c];
        }
    }

    /// <summary>All elements above the threshold, and of those equal to it the first in token order that are needed to make k.</summary>
    /// <returns>How many, on every thread: at least k.</returns>
    private static int Collect(Floats values, long start, uint threshold, ArrayView<uint> keys, ArrayView<int> tokens, TopKShape shape)
    {
        // Each thread has a run of its own, so that prefix sums over threads are prefix sums in token order.
        var run = (shape.Vocab + Group.DimX - 1) / Group.DimX;
        var first = XMath.Min(Group.IdxX * run, shape.Vocab);
        var end = XMath.Min(first + run, shape.Vocab);
        var above = 0;
        var equal = 0;
        for (var i = first; i < end; i++)
        {
            var key = OrderedBits.Of(values[start + i]);
            above += key > threshold ? 1 : 0;
            equal += key == threshold ? 1 : 0;
        }
        var (aboveBefore, aboveTotal) = GroupScan.Sum(above);
        var (equalBefore, _) = GroupScan.Sum(equal);
        var needed = XMath.Max(shape.K - aboveTotal, 0);
        for (var i = first; i < end; i++)
        {
            var key = OrderedBits.Of(values[start + i]);
            // One predicate that holds the key: ILGPU 1.5.3 takes a branch on the counters alone for uniform, which on CUDA it is not.
            var isAbove = key > threshold;
            var isEqual = key == threshold;
            var kept = isAbove | (isEqual & (equalBefore < needed));
            var place = isAbove ? aboveBefore : aboveTotal + equalBefore;
            aboveBefore += isAbove ? 1 : 0;
            equalBefore += isEqual ? 1 : 0;
            if (!kept) continue;
            keys[place] = key;
            tokens[place] = i;
        }
        return aboveTotal + needed;
    }

    private static int CountAbove(Floats values, long start, uint threshold, TopKShape shape)
    {
        var count = 0;
        for (var i = Group.IdxX; i < shape.Vocab; i += Group.DimX) count += OrderedBits.Of(values[start + i]) > threshold ? 1 : 0;
        return count;
    }
}
