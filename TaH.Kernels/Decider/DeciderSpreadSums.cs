using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// What a LayerNorm and two products of its result need of a row, all summed at once: weights that hold the norm's scale meet the row as it is, and
/// the mean is taken off behind.
/// </summary>
/// <param name="Mean">Of the row, see <see cref="DeciderSpreadRow.Of(Floats, int)"/>.</param>
/// <param name="Scale">The reciprocal of its deviation.</param>
/// <param name="First">Its product with the first row of weights.</param>
/// <param name="Second">The same with the second.</param>
internal readonly record struct DeciderSpreadSums(float Mean, float Scale, float First, float Second)
{
    /// <summary>Sums over the warp.</summary>
    /// <param name="row">The thread's part of the row.</param>
    /// <param name="first">The thread's part of the first product.</param>
    /// <param name="second">The same of the second.</param>
    /// <param name="share">What one element counts in a mean.</param>
    public static DeciderSpreadSums Of(DeciderSpreadRow row, float first, float second, float share)
    {
        var sum = FourSums.OverWarp(new Quad(row.Sum(), row.Dot(row), first, second));
        float mean = Warp.Shuffle(sum, 0) * share, squares = Warp.Shuffle(sum, 8) * share;
        var scale = PtxInstructions.ReciprocalRoot(XMath.Max(squares - (mean * mean), 0f) + DeciderNorm.Epsilon);
        return new DeciderSpreadSums(mean, scale, Warp.Shuffle(sum, 16), Warp.Shuffle(sum, 24));
    }

    /// <summary>The product of the normed row with a row of weights.</summary>
    /// <param name="product">That of the row as it is.</param>
    /// <param name="weightSum">The sum of the weights.</param>
    public float Normed(float product, float weightSum) => Scale * (product - (Mean * weightSum));
}
