using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: one group a row and head. Entries come in tiles of one a thread: each thread scores one entry, then the threads share out the
/// elements of the head and add the tile's values to them.
/// </summary>
internal static class DuoCausalAttentionPortable
{
    /// <summary>All entries of a row and head.</summary>
    public static void Whole<TStored, TFormat>(
        Floats query, DuoCausalGrid grid, ArrayView<TStored> keys, ArrayView<TStored> values, Floats mixed, DuoCausalAttentionShape shape)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var sums = SharedMemory.Allocate<float>(DuoCausalAttentionShape.MaxHeadDim);
        var row = Grid.IdxX / shape.Heads;
        var (_, weight) = Attend<TStored, TFormat>(query, grid, keys, values, sums, row, 0, grid.VisibleEntries(row, shape), Grid.IdxX, shape);
        var target = (long)Grid.IdxX * shape.HeadDim; // mixed[row, head, 0]
        var scale = weight == 0f ? 0f : 1f / weight; // 0: it sees nothing
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX) mixed[target + i] = sums[i] * scale;
    }

    /// <summary>One of <paramref name="splits"/> equal parts of the entries of a row and head.</summary>
    public static void Part<TStored, TFormat>(
        Floats query, DuoCausalGrid grid, ArrayView<TStored> keys, ArrayView<TStored> values, Floats partials,
        DuoCausalAttentionShape shape, int splits)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var sums = SharedMemory.Allocate<float>(DuoCausalAttentionShape.MaxHeadDim);
        var rowHead = Grid.IdxX / splits;
        var row = rowHead / shape.Heads;
        var entries = grid.VisibleEntries(row, shape);
        // Whole tiles a part: a part that ends within a tile would leave threads idle.
        var share = (((entries + splits - 1) / splits) + Group.DimX - 1) / Group.DimX * Group.DimX;
        var start = XMath.Min(Grid.IdxX % splits * share, entries);
        var end = XMath.Min(start + share, entries);
        var (largest, weight) = Attend<TStored, TFormat>(query, grid, keys, values, sums, row, start, end, rowHead, shape);
        var target = (long)Grid.IdxX * (shape.HeadDim + DuoCausalAttentionPartials.Extra); // partials[row, head, part, 0]
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX) partials[target + i] = sums[i];
        if (Group.IdxX == 0)
        {
            partials[target + shape.HeadDim] = largest;
            partials[target + shape.HeadDim + 1] = weight;
        }
    }

    /// <summary>Brings the parts of a row and head to one common largest score and adds them up.</summary>
    public static void Combine(Floats partials, Floats mixed, DuoCausalAttentionShape shape, int splits)
    {
        var stride = shape.HeadDim + DuoCausalAttentionPartials.Extra;
        var first = (long)Grid.IdxX * splits * stride; // partials[row, head, 0, 0]
        var largest = float.NegativeInfinity;
        for (var part = 0; part < splits; part++)
        {
            if (partials[first + (part * stride) + shape.HeadDim + 1] > 0f)
                largest = XMath.Max(largest, partials[first + (part * stride) + shape.HeadDim]);
        }
        var target = (long)Grid.IdxX * shape.HeadDim;
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
        {
            var sum = 0f;
            var weights = 0f;
            for (var part = 0; part < splits; part++)
            {
                var source = first + (part * stride);
                var weight = partials[source + shape.HeadDim + 1];
                if (weight == 0f) continue; // an empty part; a NaN goes on
                var scale = XMath.Exp(partials[source + shape.HeadDim] - largest);
                sum += partials[source + i] * scale;
                weights += weight * scale;
            }
            mixed[target + i] = weights == 0f ? 0f : sum / weights;
        }
    }

    /// <summary>Online softmax over the entries from start to end; the sums are relative to the largest score.</summary>
    /// <returns>The largest score and the sum of weights, on every thread; 0 for no entries.</returns>
    private static (float Largest, float Weight) Attend<TStored, TFormat>(
        Floats query, DuoCausalGrid grid, ArrayView<TStored> keys, ArrayView<TStored> values, Floats sums, int row, int start, int end, int rowHead,
        DuoCausalAttentionShape shape)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var q = SharedMemory.Allocate<float>(DuoCausalAttentionShape.MaxHeadDim);
        var weights = SharedMemory.Allocate<float>(GroupReduce.MaxGroupSize);
        var cells = SharedMemory.Allocate<int>(GroupReduce.MaxGroupSize);
        var kvHead = rowHead % shape.Heads / shape.HeadsPerKvHead;
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
        {
            q[i] = query[((long)rowHead * shape.HeadDim) + i] * shape.Scale;
            sums[i] = 0f;
        }
        Group.Barrier();
        var largest = float.NegativeInfinity;
        var weight = 0f;
        for (var tile = start; tile < end; tile += Group.DimX)
        {
            var entry = tile + Group.IdxX;
            var score = float.NegativeInfinity;
            if (entry < end)
            {
                var cell = grid.CellOf(row, entry, shape);
                cells[Group.IdxX] = cell;
                var key = (((long)cell * shape.KvHeads) + kvHead) * shape.HeadDim; // keys[cell, kvHead, 0]
                score = 0f;
                for (var i = 0; i < shape.HeadDim; i++) score += q[i] * default(TFormat).Widen(keys[key + i]);
            }
            var above = XMath.Max(largest, GroupReduce.Max(score));
            var rescale = XMath.Exp(largest - above); // 0 at the first tile
            var mine = XMath.Exp(score - above);      // 0 past the end
            weights[Group.IdxX] = mine;
            weight = (weight * rescale) + GroupReduce.Sum(mine); // its barriers also publish weights and cells
            largest = above;
            var count = XMath.Min(Group.DimX, end - tile);
            for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX)
            {
                var sum = sums[i] * rescale;
                for (var e = 0; e < count; e++)
                    sum += weights[e] * default(TFormat).Widen(values[(((long)cells[e] * shape.KvHeads) + kvHead) * shape.HeadDim + i]);
                sums[i] = sum;
            }
            Group.Barrier(); // the next tile overwrites weights and cells
        }
        return (largest, weight);
    }
}
