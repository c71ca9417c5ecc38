using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: one group a row and head for dq, then one an entry and KV head for dk and dv. What is summed over comes in tiles of one a thread,
/// each of which takes one row and one entry; then the threads share out the elements of the head.
/// </summary>
internal static class PackedAttentionBackwardPortable
{
    /// <summary>dq, and deltas [rows, heads] for <see cref="Entries"/>.</summary>
    public static void Queries(PackedAttentionGiven given, Ints ranges, Floats dq, Floats deltas, PackedAttentionShape shape)
    {
        var query = SharedMemory.Allocate<float>(PackedAttentionShape.MaxHeadDim);
        var gradient = SharedMemory.Allocate<float>(PackedAttentionShape.MaxHeadDim);
        var sums = SharedMemory.Allocate<float>(PackedAttentionShape.MaxHeadDim);
        var factors = SharedMemory.Allocate<float>(GroupReduce.MaxGroupSize);
        var starts = SharedMemory.Allocate<long>(GroupReduce.MaxGroupSize);
        int row = Grid.IdxX / shape.Heads, kvHead = Grid.IdxX % shape.Heads / shape.HeadsPerKvHead;
        var head = (long)Grid.IdxX * shape.HeadDim;
        var part = 0f;
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
        {
            query[i] = given.Q[head + i] * shape.Scale;
            gradient[i] = given.DMixed[head + i];
            sums[i] = 0f;
            part += gradient[i] * given.Mixed[head + i];
        }
        var delta = GroupReduce.Sum(part);
        if (Group.IdxX == 0) deltas[Grid.IdxX] = delta;
        var logSum = given.LogSums[Grid.IdxX];
        var seen = PackedAttentionPortable.CountOf(ranges, row, shape);
        for (var tile = 0; tile < seen; tile += Group.DimX)
        {
            if (tile + Group.IdxX < seen)
            {
                var entry = PackedAttentionPortable.EntryOf(ranges, row, tile + Group.IdxX, shape);
                var start = (((long)entry * shape.KvHeads) + kvHead) * shape.HeadDim; // k[entry, kvHead, 0]
                float score = 0f, weightGradient = 0f;
                for (var i = 0; i < shape.HeadDim; i++)
                {
                    score += query[i] * given.K[start + i];
                    weightGradient += gradient[i] * given.V[start + i];
                }
                factors[Group.IdxX] = XMath.Exp(score - logSum) * (weightGradient - delta);
                starts[Group.IdxX] = start;
            }
            Group.Barrier();
            var count = XMath.Min(Group.DimX, seen - tile);
            for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
            {
                var sum = sums[i];
                for (var e = 0; e < count; e++) sum += factors[e] * given.K[starts[e] + i];
                sums[i] = sum;
            }
            Group.Barrier(); // the next tile overwrites factors and starts
        }
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX) dq[head + i] = sums[i] * shape.Scale;
    }

    /// <summary>dk and dv, added: over the rows that see the entry, and of each row over the heads that share it.</summary>
    public static void Entries(PackedAttentionGiven given, Ints seers, Floats deltas, Floats dk, Floats dv, PackedAttentionShape shape)
    {
        var key = SharedMemory.Allocate<float>(PackedAttentionShape.MaxHeadDim);
        var value = SharedMemory.Allocate<float>(PackedAttentionShape.MaxHeadDim);
        var keySums = SharedMemory.Allocate<float>(PackedAttentionShape.MaxHeadDim);
        var valueSums = SharedMemory.Allocate<float>(PackedAttentionShape.MaxHeadDim);
        var weights = SharedMemory.Allocate<float>(GroupReduce.MaxGroupSize);
        var factors = SharedMemory.Allocate<float>(GroupReduce.MaxGroupSize);
        int entry = Grid.IdxX / shape.KvHeads, kvHead = Grid.IdxX % shape.KvHeads, group = shape.HeadsPerKvHead;
        var start = (long)Grid.IdxX * shape.HeadDim; // k[entry, kvHead, 0]
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
        {
            (key[i], value[i]) = (given.K[start + i] * shape.Scale, given.V[start + i]);
            (keySums[i], valueSums[i]) = (0f, 0f);
        }
        Group.Barrier();
        var firstRow = seers[2L * entry];
        var pairs = (seers[(2L * entry) + 1] - firstRow) * group;
        for (var tile = 0; tile < pairs; tile += Group.DimX)
        {
            if (tile + Group.IdxX < pairs)
            {
                var rowHead = HeadOf(firstRow, tile + Group.IdxX, kvHead, group, shape.Heads);
                float score = 0f, weightGradient = 0f;
                for (var i = 0; i < shape.HeadDim; i++)
                {
                    score += given.Q[(rowHead * shape.HeadDim) + i] * key[i];
                    weightGradient += given.DMixed[(rowHead * shape.HeadDim) + i] * value[i];
                }
                var weight = XMath.Exp(score - given.LogSums[rowHead]);
                weights[Group.IdxX] = weight;
                factors[Group.IdxX] = weight * (weightGradient - deltas[rowHead]);
            }
            Group.Barrier();
            var count = XMath.Min(Group.DimX, pairs - tile);
            for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
            {
                float keySum = keySums[i], valueSum = valueSums[i];
                for (var seer = 0; seer < count; seer++)
                {
                    var source = (HeadOf(firstRow, tile + seer, kvHead, group, shape.Heads) * shape.HeadDim) + i;
                    keySum += factors[seer] * given.Q[source];
                    valueSum += weights[seer] * given.DMixed[source];
                }
                (keySums[i], valueSums[i]) = (keySum, valueSum);
            }
            Group.Barrier(); // the next tile overwrites weights and factors
        }
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
        {
            dk[start + i] += keySums[i] * shape.Scale;
            dv[start + i] += valueSums[i];
        }
    }

    private static long HeadOf(int firstRow, int index, int kvHead, int group, int heads) =>
        ((long)(firstRow + (index / group)) * heads) + (kvHead * group) + (index % group);
}
