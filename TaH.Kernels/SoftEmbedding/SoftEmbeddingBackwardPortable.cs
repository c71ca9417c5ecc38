using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: first the dot products of all rows and tokens, several a group if embeddings are short; then a group a row.</summary>
internal static class SoftEmbeddingBackwardPortable
{
    /// <summary>dots[r, j] = dx[r] . embedding[tokens[r, j]].</summary>
    public static void Dots<TStored, TFormat>(ArrayView<TStored> embedding, Floats dx, Ints tokens, Floats dots, RowSpread spread, int k)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var place = spread.Place; // a row is a dot product here
        var dot = XMath.Min(place.Row, spread.Rows - 1); // threads without one have to come to the barriers, too
        long weight = (long)tokens[dot] * spread.Width, gradient = (long)(dot / k) * spread.Width;
        var sum = 0f;
        var i = place.First;
        for (; i + (3 * spread.Lanes) < place.End; i += 4 * spread.Lanes)
        {
            var columns = new FourColumns(i, spread.Lanes, spread.Width);
            var product = columns.Widen<TStored, TFormat>(embedding, weight).Times(columns.Load(dx, gradient));
            sum += product.A + product.B + (product.C + product.D);
        }
        for (; i < place.End; i += spread.Lanes) sum += default(TFormat).Widen(embedding[weight + i]) * dx[gradient + i];
        sum = LaneSum.Of(sum, spread.Lanes);
        if (place.Row < spread.Rows && place.First == 0) dots[dot] = sum;
    }

    /// <summary>Through the softmax, to the logits.</summary>
    public static void Spread(Floats dots, Floats probabilities, Ints tokens, Floats dLogits, SoftEmbeddingShape shape)
    {
        long start = (long)Grid.IdxX * shape.K, target = (long)Grid.IdxX * shape.Vocab;
        var sum = 0f;
        for (var j = Group.IdxX; j < shape.K; j += Group.DimX) sum += probabilities[start + j] * dots[start + j];
        var mean = GroupReduce.Sum(sum);
        for (var j = Group.IdxX; j < shape.K; j += Group.DimX)
            dLogits[target + tokens[start + j]] += probabilities[start + j] * (dots[start + j] - mean);
    }
}
