namespace TaH.Kernels;

/// <summary>Twice as many strips.</summary>
internal readonly record struct PackedTwice<TTile>(TTile Left, TTile Right) : IPackedTile<PackedTwice<TTile>> where TTile : unmanaged, IPackedTile<TTile>
{
    public int Rows => default(TTile).Rows;

    public int Strips => 2 * default(TTile).Strips;

    private static int Columns => 16 * default(TTile).Strips;

    private static ulong ColumnBytes => (ulong)(Columns * sizeof(float));

    public MmaPair LoadRows(ulong row, int rowBytes) => default(TTile).LoadRows(row, rowBytes);

    public PackedTwice<TTile> AddProducts(PackedTwice<TTile> sums, MmaPair x, ulong line, int lineBytes) => new(
        default(TTile).AddProducts(sums.Left, x, line, lineBytes),
        default(TTile).AddProducts(sums.Right, x, line + (ulong)(Columns * lineBytes), lineBytes));

    public PackedTwice<TTile> AddMixed(PackedTwice<TTile> sums, MmaPair x, ulong line, int strip) => new(
        default(TTile).AddMixed(sums.Left, x, line, strip), default(TTile).AddMixed(sums.Right, x, line, strip + default(TTile).Strips));

    public TSums Mix<TSums>(PackedTwice<TTile> weights, TSums sums, ulong line, int lineBytes) where TSums : unmanaged, IPackedTile<TSums> =>
        default(TTile).Mix(
            weights.Right, default(TTile).Mix(weights.Left, sums, line, lineBytes), line + (ulong)(Columns * lineBytes), lineBytes);

    public PackedTwice<TTile> Mask(PackedTwice<TTile> scores, PackedLimits limits, int column) =>
        new(default(TTile).Mask(scores.Left, limits, column), default(TTile).Mask(scores.Right, limits, column + Columns));

    public PackedTwice<TTile> MaskBefore(PackedTwice<TTile> scores, PackedLimits limits, int column) =>
        new(default(TTile).MaskBefore(scores.Left, limits, column), default(TTile).MaskBefore(scores.Right, limits, column + Columns));

    public Quad Largest(PackedTwice<TTile> scores, Quad largest) => default(TTile).Largest(scores.Right, default(TTile).Largest(scores.Left, largest));

    public PackedTwice<TTile> Weigh(PackedTwice<TTile> scores, float scale, Quad offsets) =>
        new(default(TTile).Weigh(scores.Left, scale, offsets), default(TTile).Weigh(scores.Right, scale, offsets));

    public PackedTwice<TTile> WeighColumns(PackedTwice<TTile> scores, float scale, ulong offsets) => new(
        default(TTile).WeighColumns(scores.Left, scale, offsets),
        default(TTile).WeighColumns(scores.Right, scale, offsets + ColumnBytes));

    public Quad AddUp(PackedTwice<TTile> weights, Quad sums) => default(TTile).AddUp(weights.Right, default(TTile).AddUp(weights.Left, sums));

    public PackedTwice<TTile> Scale(PackedTwice<TTile> sums, Quad factors) =>
        new(default(TTile).Scale(sums.Left, factors), default(TTile).Scale(sums.Right, factors));

    public PackedTwice<TTile> Gradients(PackedTwice<TTile> weights, PackedTwice<TTile> products, Quad deltas) => new(
        default(TTile).Gradients(weights.Left, products.Left, deltas), default(TTile).Gradients(weights.Right, products.Right, deltas));

    public PackedTwice<TTile> GradientsOfColumns(PackedTwice<TTile> weights, PackedTwice<TTile> products, ulong deltas) => new(
        default(TTile).GradientsOfColumns(weights.Left, products.Left, deltas),
        default(TTile).GradientsOfColumns(weights.Right, products.Right, deltas + ColumnBytes));

    public void Store(PackedTwice<TTile> sums, PackedTarget target, int strip)
    {
        default(TTile).Store(sums.Left, target, strip);
        default(TTile).Store(sums.Right, target, strip + default(TTile).Strips);
    }
}
