namespace TaH.Kernels;

/// <summary>A device that was found, before it is opened.</summary>
/// <param name="Kind">CPU, OpenCL or CUDA.</param>
/// <param name="Index">Its number among the devices of its kind.</param>
/// <param name="Name">The name that its driver gives.</param>
/// <param name="MemoryBytes">Memory that it can address.</param>
/// <param name="IsGpu">True for a graphics card; a CPU runtime of OpenCL is not one.</param>
/// <param name="Abilities">What it can do, in a few words: driver version, architecture, SIMD width, group size.</param>
public sealed record DeviceInfo(DeviceKind Kind, int Index, string Name, long MemoryBytes, bool IsGpu, string Abilities)
{
    /// <summary>How the device is written after <c>--device</c>.</summary>
    public string Selector => new DeviceSelector(Kind, Index).ToString();

    /// <summary>The abilities that it was found with, without kernels.</summary>
    private string Hardware { get; } = Abilities;

    /// <summary>The same card, with the generation whose kernels it runs among its abilities, in the place of another one.</summary>
    internal DeviceInfo WithKernels(CudaGeneration generation) => this with { Abilities = $"{Hardware}, {KernelsFor(generation)}" };

    /// <summary>The kernels of a generation in words.</summary>
    internal static string KernelsFor(CudaGeneration generation) =>
        generation == CudaGeneration.None ? "portable kernels" : $"kernels for {generation}";
}
