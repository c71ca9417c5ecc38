using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// CUDA: as <see cref="GeluPortable.Of"/>, with the quotient and the exponential of the card, off by two units in the last place at most.
/// </summary>
internal static class GeluPtx
{
    private const float LogOfE = 1.44269504f; // to base 2

    /// <summary>The function for one element.</summary>
    public static float Of(float x)
    {
        var near = XMath.Min(XMath.Max(x, -NormalTail.Far), NormalTail.Far);
        var z = (near < 0f ? -near : near) * NormalTail.RootHalf;
        var d = PtxInstructions.Reciprocal(z + NormalTail.Centre);
        var s = (z - NormalTail.Centre) * d;
        var p = PtxInstructions.MultiplyAdd(NormalTail.C10, s, NormalTail.C9);
        p = PtxInstructions.MultiplyAdd(p, s, NormalTail.C8);
        p = PtxInstructions.MultiplyAdd(p, s, NormalTail.C7);
        p = PtxInstructions.MultiplyAdd(p, s, NormalTail.C6);
        p = PtxInstructions.MultiplyAdd(p, s, NormalTail.C5);
        p = PtxInstructions.MultiplyAdd(p, s, NormalTail.C4);
        p = PtxInstructions.MultiplyAdd(p, s, NormalTail.C3);
        p = PtxInstructions.MultiplyAdd(p, s, NormalTail.C2);
        p = PtxInstructions.MultiplyAdd(p, s, NormalTail.C1);
        p = PtxInstructions.MultiplyAdd(p, s, NormalTail.C0);
        var tail = near * 0.5f * p * d * PtxInstructions.Exp2(-0.5f * LogOfE * near * near); // x times the probability of the tail beyond |x|
        return x < 0f ? tail : x - tail;
    }
}
