using ILGPU;

namespace TaH.Kernels;

/// <summary>What attention does with 16 rows and 16 columns of a warp's sums: a thread has two rows, and of each two pairs of columns.</summary>
internal static class PackedSquare
{
    /// <summary>The squares as weights of 16 lines.</summary>
    public static Word16 AsRows(MmaSquare square) => new(
        PtxInstructions.PackBfloat16(square.Left.A, square.Left.B), PtxInstructions.PackBfloat16(square.Left.C, square.Left.D),
        PtxInstructions.PackBfloat16(square.Right.A, square.Right.B), PtxInstructions.PackBfloat16(square.Right.C, square.Right.D));

    /// <summary>Keeps columns below a limit of each row.</summary>
    public static MmaSquare Mask(MmaSquare square, int upper, int lower) => new(
        new Quad(
            Keep(0 < upper, square.Left.A), Keep(1 < upper, square.Left.B), Keep(0 < lower, square.Left.C), Keep(1 < lower, square.Left.D)),
        new Quad(
            Keep(8 < upper, square.Right.A), Keep(9 < upper, square.Right.B), Keep(8 < lower, square.Right.C), Keep(9 < lower, square.Right.D)));

    /// <summary>Keeps columns from a limit of each row on.</summary>
    public static MmaSquare MaskBefore(MmaSquare square, int upper, int lower) => new(
        new Quad(
            Keep(0 >= upper, square.Left.A), Keep(1 >= upper, square.Left.B), Keep(0 >= lower, square.Left.C), Keep(1 >= lower, square.Left.D)),
        new Quad(
            Keep(8 >= upper, square.Right.A), Keep(9 >= upper, square.Right.B), Keep(8 >= lower, square.Right.C),
            Keep(9 >= lower, square.Right.D)));

    /// <summary>The largest of the upper row, and of a number.</summary>
    public static float LargestUpper(MmaSquare square, float largest) =>
        Max(Max(largest, Max(square.Left.A, square.Left.B)), Max(square.Right.A, square.Right.B));

    /// <summary>The largest of the lower row, and of a number.</summary>
    public static float LargestLower(MmaSquare square, float largest) =>
        Max(Max(largest, Max(square.Left.C, square.Left.D)), Max(square.Right.C, square.Right.D));

    /// <summary>2^(score * scale - the row's offset).</summary>
    public static MmaSquare Weigh(MmaSquare square, float scale, float upper, float lower) => new(
        Weigh(square.Left, scale, upper, upper, lower, lower), Weigh(square.Right, scale, upper, upper, lower, lower));

    /// <summary>2^(score * scale - the column's offset).</summary>
    public static MmaSquare WeighColumns(MmaSquare square, float scale, ulong offsets)
    {
        FloatPair left = PtxInstructions.LoadSharedPair(offsets), right = PtxInstructions.LoadSharedPair(offsets + 32);
        return new MmaSquare(
            Weigh(square.Left, scale, left.First, left.Second, left.First, left.Second),
            Weigh(square.Right, scale, right.First, right.Second, right.First, right.Second));
    }

    /// <summary>Each row times a factor.</summary>
    public static MmaSquare Scale(MmaSquare square, float upper, float lower)
    {
        var factors = new Quad(upper, upper, lower, lower);
        return new MmaSquare(square.Left.Times(factors), square.Right.Times(factors));
    }

    /// <summary>weight * (product - the row's delta).</summary>
    public static MmaSquare Gradients(MmaSquare weights, MmaSquare products, float upper, float lower)
    {
        var deltas = new Quad(-upper, -upper, -lower, -lower);
        return new MmaSquare(weights.Left.Times(products.Left.Plus(deltas)), weights.Right.Times(products.Right.Plus(deltas)));
    }

    /// <summary>weight * (product - the column's delta).</summary>
    public static MmaSquare GradientsOfColumns(MmaSquare weights, MmaSquare products, ulong deltas)
    {
        FloatPair left = PtxInstructions.LoadSharedPair(deltas), right = PtxInstructions.LoadSharedPair(deltas + 32);
        return new MmaSquare(
            weights.Left.Times(products.Left.Plus(new Quad(-left.First, -left.Second, -left.First, -left.Second))),
            weights.Right.Times(products.Right.Plus(new Quad(-right.First, -right.Second, -right.First, -right.Second))));
    }

    /// <summary>Writes the sums, the upper row as this one of the target.</summary>
    public static void Store(MmaSquare square, PackedTarget target, int row, int column)
    {
        target.Put(row, column, square.Left.A, square.Left.B);
        target.Put(row + 8, column, square.Left.C, square.Left.D);
        target.Put(row, column + 8, square.Right.A, square.Right.B);
        target.Put(row + 8, column + 8, square.Right.C, square.Right.D);
    }

    private static Quad Weigh(Quad scores, float scale, float a, float b, float c, float d) => new(
        PtxInstructions.Exp2(PtxInstructions.MultiplyAdd(scores.A, scale, -a)), PtxInstructions.Exp2(PtxInstructions.MultiplyAdd(scores.B, scale, -b)),
        PtxInstructions.Exp2(PtxInstructions.MultiplyAdd(scores.C, scale, -c)), PtxInstructions.Exp2(PtxInstructions.MultiplyAdd(scores.D, scale, -d)));

    private static float Keep(bool really, float score) => really ? score : float.NegativeInfinity;

    private static float Max(float left, float right) => IntrinsicMath.Max(left, right);
}
