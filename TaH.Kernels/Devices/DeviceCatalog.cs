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
    public static ComputeDevice Open(DeviceSelector selector)
    {
        if (selector.Kind is { } kind) return Of(kind).ElementAtOrDefault(selector.Index) is { } found ? Open(found) : throw Missing(selector);
        return Open(Of(DeviceKind.Cuda).FirstOrDefault() ?? Of(DeviceKind.OpenCl).FirstOrDefault(device => device.IsGpu) ?? Of(DeviceKind.Cpu)[0]);
    }

    /// <summary>The devices of one kind, in their driver's order. Only that kind's driver is touched.</summary>
    public static IReadOnlyList<DeviceInfo> Of(DeviceKind kind)
    {
        if (kind == DeviceKind.Cpu) return [CpuProcessor.Describe()];
        using var context = ComputeDevice.CreateContext(kind);
        return kind == DeviceKind.Cuda
            ? [.. context.Devices.OfType<CudaDevice>().Select((device, index) => Describe(device, index))]
            : [.. context.Devices.OfType<CLDevice>().Select((device, index) => Describe(device, index))];
    }

    private static ComputeDevice Open(DeviceInfo info) => new(info, CacheDirectory.Find());

    private static DeviceInfo Describe(CudaDevice device, int index) => new(
        DeviceKind.Cuda, index, device.Name, device.MemorySize, IsGpu: true,
        $"compute capability {device.Architecture?.Major}.{device.Architecture?.Minor}, {device.NumMultiprocessors} multiprocessors, CUDA {device.DriverVersion}");

    private static DeviceInfo Describe(CLDevice device, int index) => new(
        DeviceKind.OpenCl, index, device.Name, device.MemorySize, device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU),
        $"{(device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU) ? "GPU" : "CPU runtime")}, OpenCL {device.DeviceVersion}, {device.NumMultiprocessors} compute units, {device.PlatformName.Trim()}");

    private static DeviceNotFoundException Missing(DeviceSelector selector)
    {
        var found = string.Join(", ", All().Select(device => $"{device.Selector} ({device.Name})"));
        var remedy = selector.Kind == DeviceKind.Cuda
            ? "CUDA needs an NVIDIA card and its driver (libcuda.so.1)"
            : "OpenCL needs a driver for the card, or a CPU runtime such as PoCL (Debian and Ubuntu: apt-get install pocl-opencl-icd)";
        return new DeviceNotFoundException($"device {selector} is not there; found: {found}. {remedy}.");
    }
}
