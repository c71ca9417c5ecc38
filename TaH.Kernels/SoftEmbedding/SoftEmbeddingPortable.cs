using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: a row's threads have four columns each at a time, and add the embeddings up in the order of their tokens.</summary>
internal static class SoftEmbeddingPortable
{
    public static void Softmax(Floats values, Floats probabilities, int k)
    {
        var start = (long)Grid.IdxX * k;
        var largest = values[start]; // in front, as they are in order
        var sum = 0f;
        for (var j = Group.IdxX; j < k; j += Group.DimX) sum += XMath.Exp(values[start + j] - largest);
        var scale = 1f / GroupReduce.Sum(sum);
        for (var j = Group.IdxX; j < k; j += Group.DimX) probabilities[start + j] = XMath.Exp(values[start + j] - largest) * scale;
    }

    public static void Mix<TStored, TFormat>(ArrayView<TStored> embedding, Floats probabilities, Ints tokens, Floats x, RowSpread spread, int k)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var place = spread.Place;
        if (place.Row >= spread.Rows) return;
        var start = (long)place.Row * k;
        for (var i = place.First; i < spread.Width; i += 4 * spread.Lanes)
        {
            var columns = new FourColumns(i, spread.Lanes, spread.Width);
            var sum = new Quad(0f, 0f, 0f, 0f);
            for (var j = 0; j < k; j++)
            {
                var row = columns.Widen<TStored, TFormat>(embedding, (long)tokens[start + j] * spread.Width);
                sum = sum.Plus(row.Scaled(probabilities[start + j]));
            }
            columns.Store(x, (long)place.Row * spread.Width, sum);
        }
    }

    public static void Clear(Floats dense, RowSpread spread)
    {
        var place = spread.Place;
        if (place.Row >= spread.Rows) return;
        var start = (long)place.Row * spread.Width;
        for (var i = place.First; i < place.End; i += spread.Lanes) dense[start + i] = 0f;
    }

    /// <summary>One thread a probability.</summary>
    public static void Expand(Floats probabilities, Ints tokens, Floats dense, SoftEmbeddingShape shape)
    {
        var at = Elements.Index;
        if (at < shape.Mixed) dense[(at / shape.K * shape.Vocab) + tokens[at]] = probabilities[at];
    }
}
