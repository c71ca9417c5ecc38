namespace TaH.Tests;

/// <summary>Double precision, plain loops: a softmax over a list of cells.</summary>
internal static class DuoCausalAttentionReference
{
    /// <summary>One head of one row, and for each element how far f32 may be off.</summary>
    /// <param name="query">[headDim].</param>
    /// <param name="keys">[cells, kvHeads, headDim].</param>
    /// <param name="values">[cells, kvHeads, headDim].</param>
    /// <param name="cells">What the row sees.</param>
    /// <param name="kvHead">Which head of keys and values.</param>
    /// <param name="kvHeads">How many there are.</param>
    /// <param name="queryError">How far each element of the query may be off before attention.</param>
    public static (double[] Mixed, double[] Bounds) Head(
        ReadOnlySpan<float> query, float[] keys, float[] values, IReadOnlyList<int> cells, int kvHead, int kvHeads, double queryError = 0)
    {
        var headDim = query.Length;
        var scores = new double[cells.Count];
        var sizes = 0.0; // the largest sum of |q k|, which the rounding of a score grows with
        var keySizes = 0.0;
        for (var e = 0; e < cells.Count; e++)
        {
            double size = 0, keySize = 0;
            for (var i = 0; i < headDim; i++)
            {
                var product = (double)query[i] * keys[(((cells[e] * kvHeads) + kvHead) * headDim) + i] / Math.Sqrt(headDim);
                scores[e] += product;
                size += Math.Abs(product);
                keySize += Math.Abs(keys[(((cells[e] * kvHeads) + kvHead) * headDim) + i]) / Math.Sqrt(headDim);
            }
            sizes = Math.Max(sizes, size);
            keySizes = Math.Max(keySizes, keySize);
        }
        var largest = scores.DefaultIfEmpty(0).Max();
        var weights = scores.Select(score => Math.Exp(score - largest)).ToArray();
        var total = weights.Sum();
        double[] mixed = new double[headDim], absolute = new double[headDim];
        for (var e = 0; e < cells.Count; e++)
        {
            for (var i = 0; i < headDim; i++)
            {
                var term = weights[e] / total * values[(((cells[e] * kvHeads) + kvHead) * headDim) + i];
                mixed[i] += term;
                absolute[i] += Math.Abs(term);
            }
        }
        // A score is off by (headDim + 2) roundings of its size, and by one of itself when the largest is subtracted; that is the relative error of a
        // weight, plus eight for exp and rescaling. It enters twice (in the sum and in the total), with a rounding an entry in each.
        var relative = ((2 * (((headDim + 4) * sizes) + 8)) + (2 * cells.Count)) * Math.Pow(2, -24);
        relative += 2 * queryError * keySizes;
        return (mixed, [.. absolute.Select(sum => sum * relative)]);
    }
}
