using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// What a thread holds of one query head while entries pass by: eight elements of the query and of the sum of values, and the online softmax of the
/// entries that its team has seen. Scores are in units of log 2, so that exponentials are powers of two.
/// </summary>
/// <param name="QueryLow">Four elements of the query, scaled.</param>
/// <param name="QueryHigh">The four behind.</param>
/// <param name="Largest">The largest score so far.</param>
/// <param name="Weight">The sum of 2^(score - largest) so far.</param>
/// <param name="Weights">Those of the four entries in hand.</param>
/// <param name="SumLow">The weighted sum of values, four elements.</param>
/// <param name="SumHigh">The four behind.</param>
internal readonly record struct HeadState(Quad QueryLow, Quad QueryHigh, float Largest, float Weight, Quad Weights, Quad SumLow, Quad SumHigh)
{
    /// <summary>Below every score, and finite: the difference of two of them is a number.</summary>
    public const float NoScore = -1e30f;

    /// <summary>A query that has seen nothing.</summary>
    public static HeadState Of(Quad queryLow, Quad queryHigh) => new(queryLow, queryHigh, NoScore, 0f, default, default, default);

    /// <summary>This thread's part of the product with a key.</summary>
    public float Dot(Quad keyLow, Quad keyHigh) => QueryHigh.AddDot(keyHigh, QueryLow.AddDot(keyLow, 0f));

    /// <summary>Takes the scores of four entries into the softmax; their values are yet to come.</summary>
    public HeadState Score(Quad scores)
    {
        var largest = IntrinsicMath.Max(
            Largest, IntrinsicMath.Max(IntrinsicMath.Max(scores.A, scores.B), IntrinsicMath.Max(scores.C, scores.D)));
        var rescale = PtxInstructions.Exp2(Largest - largest);
        var weights = new Quad(
            PtxInstructions.Exp2(scores.A - largest), PtxInstructions.Exp2(scores.B - largest),
            PtxInstructions.Exp2(scores.C - largest), PtxInstructions.Exp2(scores.D - largest));
        var weight = PtxInstructions.MultiplyAdd(Weight, rescale, weights.A + weights.B + (weights.C + weights.D));
        return new HeadState(QueryLow, QueryHigh, largest, weight, weights, SumLow.Scaled(rescale), SumHigh.Scaled(rescale));
    }

    /// <summary>Adds one entry's value by its weight.</summary>
    public HeadState Add(Quad valueLow, Quad valueHigh, float weight) =>
        this with { SumLow = valueLow.TimesPlus(weight, SumLow), SumHigh = valueHigh.TimesPlus(weight, SumHigh) };

    /// <summary>The softmax over what either has seen.</summary>
    public HeadState Merge(HeadState other)
    {
        var largest = IntrinsicMath.Max(Largest, other.Largest);
        float mine = PtxInstructions.Exp2(Largest - largest), others = PtxInstructions.Exp2(other.Largest - largest);
        return new HeadState(
            QueryLow, QueryHigh, largest, PtxInstructions.MultiplyAdd(other.Weight, others, Weight * mine), default,
            other.SumLow.TimesPlus(others, SumLow.Scaled(mine)), other.SumHigh.TimesPlus(others, SumHigh.Scaled(mine)));
    }

    /// <summary>Merges with the thread that holds the same elements in another team.</summary>
    public HeadState MergeAcross(int distance) => Merge(new HeadState(
        default, default, Warp.ShuffleXor(Largest, distance), Warp.ShuffleXor(Weight, distance), default,
        LaneTeam.Exchange(SumLow, distance), LaneTeam.Exchange(SumHigh, distance)));
}
