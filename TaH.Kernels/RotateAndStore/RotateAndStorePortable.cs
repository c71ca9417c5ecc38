using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one group a head of q or k; the group of a key head also moves its value head.</summary>
internal static class RotateAndStorePortable
{
    public static void Kernel<TStored, TFormat>(
        QkvBuffers qkv, Floats queryNorm, Floats keyNorm, Floats rope, Ints positions, Ints cells, ArrayView<TStored> keys, ArrayView<TStored> values,
        RotateAndStoreShape shape)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var row = Grid.IdxX / shape.RotatedHeads;
        var head = Grid.IdxX % shape.RotatedHeads;
        var half = shape.HeadDim / 2;
        var angles = (long)positions[row] * shape.HeadDim; // rope[position, 0]
        if (head < shape.Heads)
        {
            var start = (((long)row * shape.Heads) + head) * shape.HeadDim; // q[row, head, 0]
            var scale = InverseRms(qkv.Query, start, shape);
            for (var i = Group.IdxX; i < half; i += Group.DimX)
            {
                var (low, high) = Rotate(qkv.Query, start, queryNorm, rope, angles, scale, i, half);
                qkv.Query[start + i] = low;
                qkv.Query[start + half + i] = high;
            }
        }
        else
        {
            var kvHead = head - shape.Heads;
            var start = (((long)row * shape.KvHeads) + kvHead) * shape.HeadDim;        // k[row, kvHead, 0]
            var entry = (((long)cells[row] * shape.KvHeads) + kvHead) * shape.HeadDim; // keys[cell, kvHead, 0]
            var scale = InverseRms(qkv.Key, start, shape);
            for (var i = Group.IdxX; i < half; i += Group.DimX)
            {
                var (low, high) = Rotate(qkv.Key, start, keyNorm, rope, angles, scale, i, half);
                keys[entry + i] = default(TFormat).Narrow(low);
                keys[entry + half + i] = default(TFormat).Narrow(high);
                values[entry + i] = default(TFormat).Narrow(qkv.Value[start + i]);
                values[entry + half + i] = default(TFormat).Narrow(qkv.Value[start + half + i]);
            }
        }
    }

    private static float InverseRms(Floats heads, long start, RotateAndStoreShape shape)
    {
        var squares = 0f;
        for (var i = Group.IdxX; i < shape.HeadDim; i += Group.DimX) squares += heads[start + i] * heads[start + i];
        return XMath.Rsqrt((GroupReduce.Sum(squares) / shape.HeadDim) + shape.Epsilon);
    }

    private static (float Low, float High) Rotate(Floats heads, long start, Floats norm, Floats rope, long angles, float scale, int i, int half)
    {
        var low = heads[start + i] * scale * norm[i];
        var high = heads[start + half + i] * scale * norm[half + i];
        var cos = rope[angles + i];
        var sin = rope[angles + half + i];
        return ((low * cos) - (high * sin), (high * cos) + (low * sin));
    }
}
