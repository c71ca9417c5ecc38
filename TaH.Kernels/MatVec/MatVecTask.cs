using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Sizes of a matrix-vector product and how it is cut up, as kernels take it.</summary>
/// <param name="Rows">Rows of x; at most as many as the kernel was compiled for.</param>
/// <param name="Inner">Length of a row of x and of a weight row.</param>
/// <param name="Pairs">Pairs of weight rows, each the work of one warp or of several.</param>
/// <param name="Slices">Warps that share a pair, each with a slice of the inner dimension: 1, 2 or 4.</param>
/// <param name="WeightOctets">How many octets of a weight row are fetched as such; 0 if they do not start at multiples of 16 bytes.</param>
/// <param name="StagedOctets">The same of a row of x.</param>
/// <param name="PanelOctets">Octets of every row of x that are in shared memory at a time.</param>
/// <param name="Normalize">1 if x is brought to unit root mean square and scaled by the gain first, 2 if it is scaled by the gain only.</param>
/// <param name="Epsilon">Of that norm.</param>
internal readonly record struct MatVecTask(
    int Rows, int Inner, int Pairs, int Slices, int WeightOctets, int StagedOctets, int PanelOctets, int Normalize, float Epsilon)
{
    /// <summary>x is scaled by the gain, and no more.</summary>
    public const int GainOnly = 2;

    /// <summary>Elements of an octet.</summary>
    public const int Octet = 8;

    /// <summary>Pairs that a group works on at a time.</summary>
    public int PairsPerGroup => MatVec.Warps / Slices;

    /// <summary>Groups that the pairs keep busy.</summary>
    public int Groups => (Pairs + PairsPerGroup - 1) / PairsPerGroup;

    /// <summary>Octets of a row, the last of them perhaps not whole.</summary>
    public int Octets => (Inner + Octet - 1) / Octet;

    /// <summary>The count of rows that a kernel is compiled for which takes these.</summary>
    public static int CompiledRows(int rows) => rows switch { 1 => 1, 2 => 2, <= 4 => 4, _ => MatVec.MaxRows };

    /// <summary>Cuts a product up for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="x">[rows, inner].</param>
    /// <param name="norm">What x goes through first, or null.</param>
    /// <param name="type">How the weights are stored; all start at multiples of 16 bytes.</param>
    /// <param name="pairs">Pairs of weight rows.</param>
    /// <param name="rows">Rows of x: 1 to 8.</param>
    /// <param name="inner">Length of each sum.</param>
    public static MatVecTask Of(ComputeDevice device, Floats x, MatVecNorm? norm, ElementType type, int pairs, int rows, int inner) =>
        Of(
            rows, inner, pairs, CompiledRows(rows), weightAligned: (long)inner * WeightMatrix.SizeOf(type) % Word16.Bytes == 0,
            xAligned: inner % 4 == 0 && Aligned(x) && (norm is not { } whole || Aligned(whole.Gain)), device.Accelerator.NumMultiprocessors,
            norm?.Epsilon);

    private static bool Aligned(Floats view) => view.LoadEffectiveAddressAsPtr() % Word16.Bytes == 0;

    /// <summary>Cuts a product up.</summary>
    /// <param name="rows">Rows of x.</param>
    /// <param name="inner">Length of each sum.</param>
    /// <param name="pairs">Pairs of weight rows.</param>
    /// <param name="compiledRows">Rows of x that the kernel was compiled for.</param>
    /// <param name="weightAligned">Whether every weight row starts at a multiple of 16 bytes.</param>
    /// <param name="xAligned">Whether every row of x, and the gain, does.</param>
    /// <param name="multiprocessors">Of the device.</param>
    /// <param name="epsilon">Of the norm that x goes through first, or null if there is none.</param>
    public static MatVecTask Of(
        int rows, int inner, int pairs, int compiledRows, bool weightAligned, bool xAligned, int multiprocessors, float? epsilon)
    {
        var whole = new MatVecTask(
            rows, inner, pairs, Slices: 1, weightAligned ? inner / Octet : 0, xAligned ? inner / Octet : 0, PanelOctets: 0,
            epsilon is null ? 0 : 1, epsilon ?? 0);
        whole = whole with { PanelOctets = Math.Min(whole.Octets, MatVecPanel.LargestOctets(compiledRows)) };
        // With fewer groups than multiprocessors some would do nothing. Slices of less than a batch would only lengthen the way to the sum.
        while (whole.Slices < MatVec.MaxSlices && whole.Groups < multiprocessors && whole.Octets >= 2 * whole.Slices * MatVec.BatchOctets)
            whole = whole with { Slices = 2 * whole.Slices };
        return whole;
    }
}
