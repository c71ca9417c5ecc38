using TaH.Kernels;

namespace TaH.Cli;

/// <summary>The option that says where a model runs.</summary>
internal static class DeviceOption
{
    /// <summary>The device that a word names; the best one without it.</summary>
    /// <exception cref="UsageException">It is no name of a device.</exception>
    public static DeviceSelector Parse(string? device) => DeviceSelector.TryParse(device ?? "auto", out var selector)
        ? selector
        : throw new UsageException($"--device is auto, cpu, opencl[:i] or cuda[:i], not '{device}'");
}
