using ILGPU.Runtime.Cuda;

namespace TaH.Engine;

/// <summary>How much of a device's memory is taken.</summary>
internal static class DeviceMemory
{
    /// <summary>Bytes in use by anybody on a card, by this process where the CPU computes; null where the driver does not tell.</summary>
    public static long? InUse(ComputeDevice device) => device switch
    {
        { Accelerator: CudaAccelerator card } => device.Info.MemoryBytes - card.GetFreeMemory(),
        { Kind: DeviceKind.Cpu } => Environment.WorkingSet,
        _ => null,
    };
}
