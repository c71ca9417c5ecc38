using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one group a row; the weights of a soft embedding pass through shared memory, one a thread at a time.</summary>
internal static class EmbeddingPortable
{
    public static void Kernel<TStored, TFormat>(
        ArrayView<TStored> embedding, Ints tokens, Ints slots, Floats topValues, Ints topTokens, Floats x, EmbeddingShape shape)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var target = (long)Grid.IdxX * shape.Hidden; // x[row, 0]
        var token = tokens[Grid.IdxX];
        if (token >= 0)
        {
            for (var i = Group.IdxX; i < shape.Hidden; i += Group.DimX)
                x[target + i] = default(TFormat).Widen(embedding[((long)token * shape.Hidden) + i]);
        }
        else
        {
            Mix<TStored, TFormat>(embedding, topValues, topTokens, (long)slots[Grid.IdxX] * shape.TopK, x, target, shape);
        }
    }

    private static void Mix<TStored, TFormat>(
        ArrayView<TStored> embedding, Floats topValues, Ints topTokens, long top, Floats x, long target, EmbeddingShape shape)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var weights = SharedMemory.Allocate<float>(GroupReduce.MaxGroupSize);
        var tokens = SharedMemory.Allocate<int>(GroupReduce.MaxGroupSize);
        var total = 0f;
        for (var k = Group.IdxX; k < shape.SoftTopK; k += Group.DimX)
            total += XMath.Exp(topValues[top + k] - topValues[top]); // the first is the largest
        var scale = 1f / GroupReduce.Sum(total);
        for (var tile = 0; tile < shape.SoftTopK; tile += Group.DimX)
        {
            var count = XMath.Min(Group.DimX, shape.SoftTopK - tile);
            if (Group.IdxX < count)
            {
                weights[Group.IdxX] = XMath.Exp(topValues[top + tile + Group.IdxX] - topValues[top]) * scale;
                tokens[Group.IdxX] = topTokens[top + tile + Group.IdxX];
            }
            Group.Barrier();
            for (var i = Group.IdxX; i < shape.Hidden; i += Group.DimX)
            {
                var sum = tile == 0 ? 0f : x[target + i];
                for (var k = 0; k < count; k++) sum += weights[k] * default(TFormat).Widen(embedding[((long)tokens[k] * shape.Hidden) + i]);
                x[target + i] = sum;
            }
            Group.Barrier();
        }
    }
}
