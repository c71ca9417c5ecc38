using ILGPU;

namespace TaH.Kernels;

/// <summary>How a matrix is cut into square tiles, one a group: neighbours along a row follow each other.</summary>
internal static class TransposeTiles
{
    private const int GpuGroupSize = 256;

    /// <summary>A group for every tile.</summary>
    public static KernelConfig Config(ComputeDevice device, TransposeShape shape, int side) => new(
        checked((int)((long)Count(shape.Rows, side) * Count(shape.Columns, side))),
        device.Info.IsGpu ? Math.Min(GpuGroupSize, device.Accelerator.MaxNumThreadsPerGroup) : device.GroupSize);

    /// <summary>In a kernel: the first row of this group's tile.</summary>
    public static int FirstRow(TransposeShape shape, int side) => Grid.IdxX / Count(shape.Columns, side) * side;

    /// <summary>In a kernel: the first column of this group's tile.</summary>
    public static int FirstColumn(TransposeShape shape, int side) => Grid.IdxX % Count(shape.Columns, side) * side;

    private static int Count(int length, int side) => (length + side - 1) / side;
}
