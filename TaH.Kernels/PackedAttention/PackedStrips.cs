namespace TaH.Kernels;

/// <summary>16 rows and 16 columns.</summary>
internal readonly record struct PackedStrip16(MmaSquare Upper) : IPackedTile<PackedStrip16>
{
    public int Rows => 16;

    public int Strips => 1;

    public MmaPair LoadRows(ulong row, int rowBytes) => new(PtxInstructions.LoadMatrices(row), default);

    public PackedStrip16 AddProducts(PackedStrip16 sums, MmaPair x, ulong line, int lineBytes)
    {
        var columns = PtxInstructions.LoadMatrices(line);
        return new PackedStrip16(sums.Upper.AddProducts(x.Upper, columns));
    }

    public PackedStrip16 AddMixed(PackedStrip16 sums, MmaPair x, ulong line, int strip)
    {
        var columns = PtxInstructions.LoadMatricesAcross(line ^ (ulong)(32 * strip));
        return new PackedStrip16(sums.Upper.AddProducts(x.Upper, columns));
    }

    public TSums Mix<TSums>(PackedStrip16 weights, TSums sums, ulong line, int lineBytes) where TSums : unmanaged, IPackedTile<TSums> =>
        default(TSums).AddMixed(sums, new MmaPair(PackedSquare.AsRows(weights.Upper), default), line, 0);

    public PackedStrip16 Mask(PackedStrip16 scores, PackedLimits limits, int column) =>
        new(PackedSquare.Mask(scores.Upper, limits.A - column, limits.B - column));

    public PackedStrip16 MaskBefore(PackedStrip16 scores, PackedLimits limits, int column) =>
        new(PackedSquare.MaskBefore(scores.Upper, limits.A - column, limits.B - column));

    public Quad Largest(PackedStrip16 scores, Quad largest) => new(
        PackedSquare.LargestUpper(scores.Upper, largest.A), PackedSquare.LargestLower(scores.Upper, largest.B),
        largest.C, largest.D);

    public PackedStrip16 Weigh(PackedStrip16 scores, float scale, Quad offsets) =>
        new(PackedSquare.Weigh(scores.Upper, scale, offsets.A, offsets.B));

    public PackedStrip16 WeighColumns(PackedStrip16 scores, float scale, ulong offsets) =>
        new(PackedSquare.WeighColumns(scores.Upper, scale, offsets));

    public Quad AddUp(PackedStrip16 weights, Quad sums) => new(
        sums.A + (weights.Upper.Left.A + weights.Upper.Left.B) + (weights.Upper.Right.A + weights.Upper.Right.B),
        sums.B + (weights.Upper.Left.C + weights.Upper.Left.D) + (weights.Upper.Right.C + weights.Upper.Right.D),
        sums.C, sums.D);

    public PackedStrip16 Scale(PackedStrip16 sums, Quad factors) =>
        new(PackedSquare.Scale(sums.Upper, factors.A, factors.B));

    public PackedStrip16 Gradients(PackedStrip16 weights, PackedStrip16 products, Quad deltas) =>
        new(PackedSquare.Gradients(weights.Upper, products.Upper, deltas.A, deltas.B));

    public PackedStrip16 GradientsOfColumns(PackedStrip16 weights, PackedStrip16 products, ulong deltas) =>
        new(PackedSquare.GradientsOfColumns(weights.Upper, products.Upper, deltas));

    public void Store(PackedStrip16 sums, PackedTarget target, int strip)
    {
        PackedSquare.Store(sums.Upper, target, 0, 16 * strip);
    }
}

/// <summary>32 rows and 16 columns.</summary>
internal readonly record struct PackedStrip32(MmaSquare Upper, MmaSquare Lower) : IPackedTile<PackedStrip32>
{
    public int Rows => 32;

    public int Strips => 1;

    public MmaPair LoadRows(ulong row, int rowBytes) =>
        new(PtxInstructions.LoadMatrices(row), PtxInstructions.LoadMatrices(row + (ulong)(16 * rowBytes)));

    public PackedStrip32 AddProducts(PackedStrip32 sums, MmaPair x, ulong line, int lineBytes)
    {
        var columns = PtxInstructions.LoadMatrices(line);
        return new PackedStrip32(sums.Upper.AddProducts(x.Upper, columns), sums.Lower.AddProducts(x.Lower, columns));
    }

    public PackedStrip32 AddMixed(PackedStrip32 sums, MmaPair x, ulong line, int strip)
    {
        var columns = PtxInstructions.LoadMatricesAcross(line ^ (ulong)(32 * strip));
        return new PackedStrip32(sums.Upper.AddProducts(x.Upper, columns), sums.Lower.AddProducts(x.Lower, columns));
    }

    public TSums Mix<TSums>(PackedStrip32 weights, TSums sums, ulong line, int lineBytes) where TSums : unmanaged, IPackedTile<TSums> =>
        default(TSums).AddMixed(sums, new MmaPair(PackedSquare.AsRows(weights.Upper), PackedSquare.AsRows(weights.Lower)), line, 0);

    public PackedStrip32 Mask(PackedStrip32 scores, PackedLimits limits, int column) =>
        new(PackedSquare.Mask(scores.Upper, limits.A - column, limits.B - column), PackedSquare.Mask(scores.Lower, limits.C - column, limits.D - column));

    public PackedStrip32 MaskBefore(PackedStrip32 scores, PackedLimits limits, int column) =>
        new(PackedSquare.MaskBefore(scores.Upper, limits.A - column, limits.B - column), PackedSquare.MaskBefore(scores.Lower, limits.C - column, limits.D - column));

    public Quad Largest(PackedStrip32 scores, Quad largest) => new(
        PackedSquare.LargestUpper(scores.Upper, largest.A), PackedSquare.LargestLower(scores.Upper, largest.B),
        PackedSquare.LargestUpper(scores.Lower, largest.C), PackedSquare.LargestLower(scores.Lower, largest.D));

    public PackedStrip32 Weigh(PackedStrip32 scores, float scale, Quad offsets) =>
        new(PackedSquare.Weigh(scores.Upper, scale, offsets.A, offsets.B), PackedSquare.Weigh(scores.Lower, scale, offsets.C, offsets.D));

    public PackedStrip32 WeighColumns(PackedStrip32 scores, float scale, ulong offsets) =>
        new(PackedSquare.WeighColumns(scores.Upper, scale, offsets), PackedSquare.WeighColumns(scores.Lower, scale, offsets));

    public Quad AddUp(PackedStrip32 weights, Quad sums) => new(
        sums.A + (weights.Upper.Left.A + weights.Upper.Left.B) + (weights.Upper.Right.A + weights.Upper.Right.B),
        sums.B + (weights.Upper.Left.C + weights.Upper.Left.D) + (weights.Upper.Right.C + weights.Upper.Right.D),
        sums.C + (weights.Lower.Left.A + weights.Lower.Left.B) + (weights.Lower.Right.A + weights.Lower.Right.B),
        sums.D + (weights.Lower.Left.C + weights.Lower.Left.D) + (weights.Lower.Right.C + weights.Lower.Right.D));

    public PackedStrip32 Scale(PackedStrip32 sums, Quad factors) =>
        new(PackedSquare.Scale(sums.Upper, factors.A, factors.B), PackedSquare.Scale(sums.Lower, factors.C, factors.D));

    public PackedStrip32 Gradients(PackedStrip32 weights, PackedStrip32 products, Quad deltas) =>
        new(PackedSquare.Gradients(weights.Upper, products.Upper, deltas.A, deltas.B), PackedSquare.Gradients(weights.Lower, products.Lower, deltas.C, deltas.D));

    public PackedStrip32 GradientsOfColumns(PackedStrip32 weights, PackedStrip32 products, ulong deltas) =>
        new(PackedSquare.GradientsOfColumns(weights.Upper, products.Upper, deltas), PackedSquare.GradientsOfColumns(weights.Lower, products.Lower, deltas));

    public void Store(PackedStrip32 sums, PackedTarget target, int strip)
    {
        PackedSquare.Store(sums.Upper, target, 0, 16 * strip);
        PackedSquare.Store(sums.Lower, target, 16, 16 * strip);
    }
}
