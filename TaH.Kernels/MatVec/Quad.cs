namespace TaH.Kernels;

/// <summary>Four neighbouring floats.</summary>
internal readonly record struct Quad(float A, float B, float C, float D)
{
    /// <summary>The sum of the squares.</summary>
    public float Squares() => (A * A) + (B * B) + (C * C) + (D * D);

    /// <summary>Element by element.</summary>
    public Quad Times(Quad other) => new(A * other.A, B * other.B, C * other.C, D * other.D);

    /// <summary>sum + factor times each element.</summary>
    public Quad AddTimes(float factor, Quad sum) => new(
        PtxInstructions.MultiplyAdd(A, factor, sum.A), PtxInstructions.MultiplyAdd(B, factor, sum.B),
        PtxInstructions.MultiplyAdd(C, factor, sum.C), PtxInstructions.MultiplyAdd(D, factor, sum.D));

    /// <summary>sum + the products of the elements.</summary>
    public float AddDot(Quad other, float sum) => PtxInstructions.MultiplyAdd(
        D, other.D, PtxInstructions.MultiplyAdd(C, other.C, PtxInstructions.MultiplyAdd(B, other.B, PtxInstructions.MultiplyAdd(A, other.A, sum))));
}
