using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: one group a row and head. Entries come in tiles of one a thread: each thread scores one entry, then the threads share out the
/// elements of the head and add the tile's values to them.
/// </summary>
internal static class PackedAttentionPortable
{
    public static void Kernel(Floats q, Floats k, Floats v, Ints ranges, Floats mixed, Floats logSums, PackedAttentionShape shape)
    {
        var query = SharedMemory.Allocate<float>(PackedAttentionShape.MaxHeadDim);
        var sums = SharedMemory.Allocate<float>(PackedAttentionShape.MaxHeadDim);
        var weights = SharedMemory.Allocate<float>(GroupReduce.MaxGroupSize);
        var starts = SharedMemory.Allocate<long>(GroupReduce.MaxGroupSize);
        int row = Grid.IdxX / shape.Heads, kvHead = Grid.IdxX % shape.Heads / shape.HeadsPerKvHead;
        var head = (long)Grid.IdxX * shape.HeadDim; // q[row, head, 0]
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
        {
            query[i] = q[head + i] * shape.Scale;
            sums[i] = 0f;
        }
        Group.Barrier();
        var seen = CountOf(ranges, row, shape);
        var largest = float.NegativeInfinity;
        var total = 0f;
        for (var tile = 0; tile < seen; tile += Group.DimX)
        {
            var score = float.NegativeInfinity;
            if (tile + Group.IdxX < seen)
            {
                var key = (((long)EntryOf(ranges, row, tile + Group.IdxX, shape) * shape.KvHeads) + kvHead) * shape.HeadDim; // k[entry, kvHead, 0]
                starts[Group.IdxX] = key;
                score = 0f;
                for (var i = 0; i < shape.HeadDim; i++) score += query[i] * k[key + i];
            }
            var above = XMath.Max(largest, GroupReduce.Max(score));
            var rescale = XMath.Exp(largest - above); // 0 at the first tile
            var weight = XMath.Exp(score - above);    // 0 past the end
            weights[Group.IdxX] = weight;
            total = (total * rescale) + GroupReduce.Sum(weight); // its barriers also publish weights and starts
            largest = above;
            var count = XMath.Min(Group.DimX, seen - tile);
            for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
            {
                var sum = sums[i] * rescale;
                for (var entry = 0; entry < count; entry++) sum += weights[entry] * v[starts[entry] + i];
                sums[i] = sum;
            }
            Group.Barrier(); // the next tile overwrites weights and starts
        }
        var share = total == 0f ? 0f : 1f / total;
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX) mixed[head + i] = sums[i] * share;
        if (Group.IdxX == 0) logSums[Grid.IdxX] = seen == 0 ? float.NegativeInfinity : largest + XMath.Log(total);
    }

    /// <summary>How many entries a row sees of all depths.</summary>
    internal static int CountOf(Ints ranges, int row, PackedAttentionShape shape)
    {
        var count = 0;
        var range = 2L * row * shape.Depths;
        for (var depth = 0; depth < shape.Depths; depth++, range += 2) count += ranges[range + 1] - ranges[range];
        return count;
    }

    /// <summary>The entry that a row sees as its number <paramref name="index"/>.</summary>
    internal static int EntryOf(Ints ranges, int row, int index, PackedAttentionShape shape)
    {
        var range = 2L * row * shape.Depths;
        var entry = 0;
        var found = false;
        for (var depth = 0; depth < shape.Depths; depth++, range += 2)
        {
            var count = ranges[range + 1] - ranges[range];
            if (!found && index < count)
            {
                entry = ranges[range] + index;
                found = true;
            }
            index -= count;
        }
        return entry;
    }
}
