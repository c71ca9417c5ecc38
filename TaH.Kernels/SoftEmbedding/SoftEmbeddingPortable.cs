using ILGPU;

namespace TaH.Kernels;

/// <summary>Every accelerator: for sums over a row's tokens one thread an element, for those along an embedding one group a token.</summary>
internal static class SoftEmbeddingPortable
{
    public static void Mix<TStored, TFormat>(Floats probabilities, Ints tokens, ArrayView<TStored> embedding, Floats x, SoftEmbeddingShape shape)
        where TStored : unmanaged where TFormat : struct, IElementFormat<TStored>
    {
        var row = (long)Grid.IdxX;
        for (var i = Group.IdxX; i < shape.Hidden; i += Group.DimX)
        {
            var sum = 0f;
            for (var j = 0; j < shape.TopK; j++)
            {
                var at = (row * shape.TopK) + j;
                sum += probabilities[at] * default(TFormat).Widen(embedding[((long)tokens[at] * shape.Hidden) + i]);
            }
            x[(row * shape.Hidden) + i] = sum;
        }
    }

    public static void Dot<TStored, TFormat>(Ints tokens, ArrayView<TStored> embedding, Floats dx, Floats along, SoftEmbeddingShape shape)
        where TStored : unmanaged where TFormat : struct, IElementFormat<TStored>
    {
        var at = (long)Grid.IdxX;
        long row = at / shape.TopK * shape.Hidden, token = (long)tokens[at] * shape.Hidden;
        var sum = 0f;
        for (var i = Group.IdxX; i < shape.Hidden; i += Group.DimX) sum += dx[row + i] * default(TFormat).Widen(embedding[token + i]);
        sum = GroupReduce.Sum(sum);
        if (Group.IdxX == 0) along[at] = sum;
    }

    public static void Scatter(Floats probabilities, Floats along, Ints tokens, Floats dLogits, SoftEmbeddingShape shape)
    {
        long row = Grid.IdxX, first = row * shape.TopK;
        var mean = 0f;
        for (var j = Group.IdxX; j < shape.TopK; j += Group.DimX) mean += probabilities[first + j] * along[first + j];
        mean = GroupReduce.Sum(mean);
        for (var j = Group.IdxX; j < shape.TopK; j += Group.DimX)
            dLogits[(row * shape.Vocab) + tokens[first + j]] += probabilities[first + j] * (along[first + j] - mean);
    }

    public static void Place(Floats probabilities, Ints tokens, Floats dense, SoftEmbeddingShape shape)
    {
        var at = Elements.Index;
        if (at < shape.Mixed) dense[(at / shape.TopK * shape.Vocab) + tokens[at]] = probabilities[at];
    }
}
