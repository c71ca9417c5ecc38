using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;

namespace TaH.Kernels;

/// <summary>Finds the drivers under the names that Linux runtime packages install, where ILGPU looks for the development names only.</summary>
/// <remarks>ILGPU asks for <c>libOpenCL.so</c> and <c>libcuda.so</c>; a machine without development packages has <c>.so.1</c>.</remarks>
internal static class DriverLibraries
{
#pragma warning disable CA2255 // A module initializer in a library: the resolver must be in place before ILGPU's first P/Invoke, whoever makes it.
    [ModuleInitializer]
    internal static void Install()
    {
        NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Resolve);
        NativeLibrary.SetDllImportResolver(typeof(DriverLibraries).Assembly, Resolve);
    }
#pragma warning restore CA2255

    /// <summary>Whether the library of a kind of device is on this machine; without it nothing needs to look for devices.</summary>
    internal static bool MayHave(DeviceKind kind)
    {
        // On other systems the libraries have other names, which ILGPU knows.
        if (!OperatingSystem.IsLinux() || kind == DeviceKind.Cpu) return true;
        return Resolve(kind == DeviceKind.Cuda ? "cuda" : "OpenCL", typeof(DriverLibraries).Assembly, null) != IntPtr.Zero;
    }

    /// <summary>Whether a library that only some runs need is on this machine: looked for when it is asked for, not before.</summary>
    internal static bool Has(string name) => Resolve(name, typeof(DriverLibraries).Assembly, null) != IntPtr.Zero;

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (!OperatingSystem.IsLinux() || name is not ("OpenCL" or "cuda" or "nccl")) return IntPtr.Zero;
        var version = name == "nccl" ? 2 : 1;
        return NativeLibrary.TryLoad($"lib{name}.so.{version}", out var handle) || NativeLibrary.TryLoad($"lib{name}.so", out handle)
            ? handle
            : IntPtr.Zero;
    }
}
