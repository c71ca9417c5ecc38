namespace TaH.Tests;

/// <summary>Where a kernel that is written for CUDA can run: on a card, and very slowly on simulated warps.</summary>
public enum WarpDevice
{
    /// <summary>The first card; a machine without one skips the test.</summary>
    Card,

    /// <summary>ILGPU's CPU accelerator with warps of 32 threads, which runs the C# bodies of the PTX instructions.</summary>
    Simulated,
}

/// <summary>Simulated warps, opened once for the tests of a class.</summary>
public sealed class WarpDevices : IDisposable
{
    private readonly Lazy<ComputeDevice> _simulated = new(ComputeDevice.SimulateWarps);

    internal ComputeDevice Simulated
    {
        get
        {
            TestDevices.SkipUnwanted(DeviceKind.Cpu);
            return _simulated.Value;
        }
    }

    /// <summary>The device, or a skipped test.</summary>
    public ComputeDevice OpenOrSkip(WarpDevice device, TestDevices devices) =>
        device == WarpDevice.Simulated ? Simulated : devices.OpenOrSkip(DeviceKind.Cuda);

    public void Dispose()
    {
        if (_simulated.IsValueCreated) _simulated.Value.Dispose();
    }
}
