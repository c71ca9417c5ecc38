namespace TaH.Kernels;

/// <summary>Four neighbouring floats.</summary>
internal readonly record struct Quad(float A, float B, float C, float D)
{
    /// <summary>The sum of the squares.</summary>
    public float Squares() => (A * A) + (B * B) + (C * C) + (D * D);

    /// <summary>Element by element.</summary>
    public Quad Plus(Quad other) => new(A + other.A, B + other.B, C + other.C, D + other.D);

    /// <summary>Element by element.</summary>
    public Quad Times(Quad other) => new(A * other.A, B * other.B, C * other.C, D * other.D);

    /// <summary>Each element times a factor.</summary>
    public Quad Scaled(float factor) => new(A * factor, B * factor, C * factor, D * factor);

    /// <summary>Each element times a factor, plus the same element of another.</summary>
    public Quad TimesPlus(float factor, Quad other) => new(
        PtxInstructions.MultiplyAdd(A, factor, other.A), PtxInstructions.MultiplyAdd(B, factor, other.B),
        PtxInstructions.MultiplyAdd(C, factor, other.C), PtxInstructions.MultiplyAdd(D, factor, other.D));

    /// <summary>sum + the products of the elements.</summary>
    public float AddDot(Quad other, float sum) => PtxInstructions.MultiplyAdd(
        D, other.D, PtxInstructions.MultiplyAdd(C, other.C, PtxInstructions.MultiplyAdd(B, other.B, PtxInstructions.MultiplyAdd(A, other.A, sum))));
}
