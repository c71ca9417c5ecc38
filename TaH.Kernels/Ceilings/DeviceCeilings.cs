namespace TaH.Kernels;

/// <summary>What a device can do at best, measured in this process: what a measured speed is held against.</summary>
/// <param name="ReadBytesPerSecond">Memory read by a kernel that does nothing else.</param>
/// <param name="CopyBytesPerSecond">Memory read and written by a copy, both counted.</param>
/// <param name="MatrixFlopsPerSecond">This engine's own matrix product; see <see cref="MatrixRate"/>.</param>
/// <param name="MatrixShape">The product that was measured.</param>
public sealed record DeviceCeilings(double ReadBytesPerSecond, double CopyBytesPerSecond, double MatrixFlopsPerSecond, MatMulShape MatrixShape)
{
    /// <summary>Measures a device; takes seconds, and on the CPU some memory that is given back.</summary>
    public static DeviceCeilings Measure(ComputeDevice device)
    {
        var matrix = MatrixRate.Measure(device);
        using var bandwidth = new Bandwidth(device);
        return new DeviceCeilings(bandwidth.ReadBytesPerSecond(), bandwidth.CopyBytesPerSecond(), matrix, MatrixRate.ShapeFor(device));
    }

    /// <summary>The better of two measurements in each respect: what a device could do once, it can do.</summary>
    public DeviceCeilings BestOf(DeviceCeilings other) => this with
    {
        ReadBytesPerSecond = Math.Max(ReadBytesPerSecond, other.ReadBytesPerSecond),
        CopyBytesPerSecond = Math.Max(CopyBytesPerSecond, other.CopyBytesPerSecond),
        MatrixFlopsPerSecond = Math.Max(MatrixFlopsPerSecond, other.MatrixFlopsPerSecond),
    };
}
