using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace TaH.Kernels;

/// <summary>Everything that the text of a kernel depends on: two kernels of equal keys are the same.</summary>
/// <param name="Device">The card, its driver, ILGPU and this assembly's build, a line each.</param>
/// <param name="Kernel">The <see cref="KernelRecipe"/>, then the builds of all modules that the kernel is put together from, a line each.</param>
/// <remarks>
/// The module version id of a deterministic build is a hash of its sources and options, so it stands for the code of every method in it. Keys compare
/// by their text; hashes only name files.
/// </remarks>
internal sealed record KernelKey(string Device, string Kernel)
{
    private const string EndOfRecipe = "\n\n";

    /// <summary>The key's text.</summary>
    public string Text => Device + Kernel;

    /// <summary>Names the directory that kernels of equal <see cref="Device"/> share.</summary>
    public string DirectoryName => Hash(Device);

    /// <summary>The name of the directory of a device's kernels.</summary>
    public static string DirectoryNameOf(Accelerator accelerator) => Hash(DeviceLines(accelerator));

    /// <summary>Names the file.</summary>
    public string FileName => Hash(Text) + ".kernel";

    /// <summary>The key of a kernel on a CUDA or OpenCL device.</summary>
    public static KernelKey Of(Accelerator accelerator, KernelRequest request) => new(DeviceLines(accelerator), KernelLines(request));

    /// <summary>What a CUDA or OpenCL device and this build are, a line each.</summary>
    public static string DeviceLines(Accelerator accelerator) => Lines(
        accelerator switch
        {
            CudaAccelerator cuda => $"CUDA {cuda.Name}, {cuda.Architecture}, PTX {cuda.InstructionSet}, driver {cuda.DriverVersion}",
            CLAccelerator device => $"OpenCL {device.Name}, {device.PlatformName}, {device.CLStdVersion}, driver "
                + CLAPI.CurrentAPI.GetDeviceInfo(device.DeviceId, CLDeviceInfoType.CL_DRIVER_VERSION),
            _ => throw new NotSupportedException($"kernels of {accelerator.Name} are not kept"),
        },
        Describe(typeof(Context).Module), Describe(typeof(XMath).Module), Describe(typeof(KernelKey).Module));

    /// <summary>
    /// The request that a key's text was made for; null if it is another device's or build's, or names what this process does not have.
    /// </summary>
    public static KernelRequest? RequestOf(string text, Accelerator accelerator)
    {
        var device = DeviceLines(accelerator);
        if (!text.StartsWith(device, StringComparison.Ordinal)) return null;
        var kernel = text[device.Length..];
        var request = KernelRecipe.Read(kernel[..Math.Max(0, kernel.IndexOf(EndOfRecipe, StringComparison.Ordinal))]);
        return request is { } found && KernelLines(found) == kernel ? request : null;
    }

    private static string KernelLines(KernelRequest request)
    {
        var method = request.Method;
        var types = method.GetParameters().Select(parameter => parameter.ParameterType)
            .Concat(method.IsGenericMethod ? method.GetGenericArguments() : []).Append(method.DeclaringType!);
        var modules = new SortedSet<string>(types.SelectMany(WithArguments).Select(type => Describe(type.Module)), StringComparer.Ordinal);
        return KernelRecipe.Of(request) + EndOfRecipe + Lines(modules);
    }

    private static IEnumerable<Type> WithArguments(Type type) => type.GetGenericArguments().SelectMany(WithArguments).Prepend(type);

    private static string Describe(Module module) => $"{module.Name} {module.ModuleVersionId}";

    private static string Lines(params IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
}
