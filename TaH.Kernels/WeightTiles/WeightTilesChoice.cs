using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>What <see cref="WeightTiles"/> can do where.</summary>
internal static class WeightTilesChoice
{
    /// <summary>
    /// Rows up to which the weights are what a product waits for; more are better served by kernels that read tiles of both sides once.
    /// </summary>
    public const int MostRows = 128;

    /// <summary>Whether a device has tensor cores for bfloat16: Ampere and newer.</summary>
    public static bool Serves(ComputeDevice device) =>
        device.Generation >= CudaGeneration.Ampere;

    /// <summary>Whether it has clusters of groups: Hopper and newer.</summary>
    public static bool HasClusters(ComputeDevice device) => device.Architecture is { } architecture && architecture >= CudaArchitecture.SM_90;

    /// <summary>Whether products of four warps are used: Hopper alone has them.</summary>
    public static bool Warpgroups(ComputeDevice device) => device.Generation == CudaGeneration.Hopper;

    /// <summary>
    /// What a slot of the ring may take: four of them fit the 99 KiB of a group on cards for workstations, and 163 KiB or more on others.
    /// </summary>
    public static int SlotBytes(ComputeDevice device) => device.Architecture is { } architecture
        && (architecture == CudaArchitecture.SM_86 || architecture == CudaArchitecture.SM_89 || architecture.Major >= 12) ? 16 << 10 : 32 << 10;

    /// <summary>Whether the kernels take rows of x and a weight: up to 256 rows of whole octets, bfloat16.</summary>
    public static bool Takes(int rows, WeightMatrix weight) =>
        rows is > 0 and <= PackedTokens.MaxRows && weight.Type == ElementType.Bf16
        && weight.Columns is > 0 and <= TokenPacker.MaxInner && weight.Columns % MatVecTask.Octet == 0;

    /// <summary>What to say to a product that is not taken.</summary>
    public static NotSupportedException Refused(int rows, WeightMatrix weight) =>
        new($"{rows} rows with a weight of {weight.Columns} columns of {weight.Type}: this kernel takes 1 to 256, bf16, and whole octets of columns");
}
