using ILGPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace TaH.Kernels;

/// <summary>Lists the devices of this machine and finds the one that a selector means.</summary>
public static class DeviceCatalog
{
    /// <summary>Every device: CUDA first, then OpenCL, then the CPU, which is always there.</summary>
    public static IReadOnlyList<DeviceInfo> All() => [.. Of(DeviceKind.Cuda), .. Of(DeviceKind.OpenCl), .. Of(DeviceKind.Cpu)];

    /// <summary>Opens the device that a selector means.</summary>
    /// <param name="selector">What was asked for.</param>
    /// <returns>The opened device; the caller disposes of it.</returns>
    /// <exception cref="DeviceNotFoundException">There is none; the message names what was found and how to get the other.</exception>
    public static ComputeDevice Open(DeviceSelector selector) => Open(selector, CacheDirectory.Find());

    /// <summary>The same with another place for compiled kernels; null to keep none.</summary>
    internal static ComputeDevice Open(DeviceSelector selector, string? cacheDirectory)
    {
        if (selector.Kind is { } kind)
            return Open(kind, devices => devices.ElementAtOrDefault(selector.Index), cacheDirectory) ?? throw Missing(selector);
        return Open(DeviceKind.Cuda, devices => devices.FirstOrDefault(), cacheDirectory)
            ?? Open(DeviceKind.OpenCl, devices => devices.FirstOrDefault(device => device.IsGpu), cacheDirectory)
            ?? Open(DeviceKind.Cpu, devices => devices[0], cacheDirectory)!;
    }

    /// <summary>The devices of one kind, in their driver's order. Only that kind's driver is touched.</summary>
    public static IReadOnlyList<DeviceInfo> Of(DeviceKind kind)
    {
        if (kind == DeviceKind.Cpu) return [CpuProcessor.Describe()];
        if (!DriverLibraries.MayHave(kind)) return [];
        using var context = ComputeDevice.CreateContext(kind);
        return Of(kind, context);
    }

    private static IReadOnlyList<DeviceInfo> Of(DeviceKind kind, Context context) => kind switch
    {
        DeviceKind.Cuda => [.. context.Devices.OfType<CudaDevice>().Select(Describe)],
        DeviceKind.OpenCl => [.. context.Devices.OfType<CLDevice>().Select(Describe)],
        _ => [CpuProcessor.Describe()],
    };

    /// <summary>Opens the device that is chosen among those of a kind, in the context that they were found with: making one takes long.</summary>
    private static ComputeDevice? Open(DeviceKind kind, Func<IReadOnlyList<DeviceInfo>, DeviceInfo?> choose, string? cacheDirectory)
    {
        if (!DriverLibraries.MayHave(kind)) return null;
        var context = ComputeDevice.CreateContext(kind);
        try
        {
            if (choose(Of(kind, context)) is { } info) return new ComputeDevice(info, context, cacheDirectory);
        }
        catch
        {
            context.Dispose();
            throw;
        }
        context.Dispose();
        return null;
    }

    /// <summary>A card, with the newest kernels that it runs.</summary>
    private static DeviceInfo Describe(CudaDevice device, int index)
    {
        var capability = $"compute capability {device.Architecture?.Major}.{device.Architecture?.Minor}";
        var hardware = $"{capability}, {device.NumMultiprocessors} multiprocessors, CUDA {device.DriverVersion}";
        return new DeviceInfo(DeviceKind.Cuda, index, device.Name, device.MemorySize, IsGpu: true, hardware)
            .WithKernels(PtxLoader.GenerationOf(device.Architecture, device.InstructionSet));
    }

    private static DeviceInfo Describe(CLDevice device, int index)
    {
        var isGpu = device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);
        var hardware = $"{(isGpu ? "GPU" : "CPU runtime")}, OpenCL {device.DeviceVersion}, {device.NumMultiprocessors} compute units";
        return new DeviceInfo(DeviceKind.OpenCl, index, device.Name, device.MemorySize, isGpu, $"{hardware}, {device.PlatformName.Trim()}");
    }

    private static DeviceNotFoundException Missing(DeviceSelector selector)
    {
        var found = string.Join(", ", All().Select(device => $"{device.Selector} ({device.Name})"));
        var remedy = selector.Kind == DeviceKind.Cuda
            ? "CUDA needs an NVIDIA card and its driver (libcuda.so.1)"
            : "OpenCL needs a driver for the card, or a CPU runtime such as PoCL (Debian and Ubuntu: apt-get install pocl-opencl-icd)";
        return new DeviceNotFoundException($"device {selector} is not there; found: {found}. {remedy}.");
    }
}
