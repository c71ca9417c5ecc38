using System.Reflection;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace TaH.Tests;

/// <summary>
/// Code for CUDA can be generated without a card: every portable kernel, in every element format, has to get that far on any machine.
/// </summary>
public class PortableKernelsTests
{
    private static readonly Type[][] Formats =
        [[typeof(float), typeof(SingleFormat)], [typeof(ushort), typeof(HalfFormat)], [typeof(ushort), typeof(Bfloat16Format)]];

    public static TheoryData<string> Classes() =>
        [.. typeof(RmsNorm).Assembly.GetTypes().Where(type => type.Name.EndsWith("Portable", StringComparison.Ordinal))
            .Select(type => type.FullName!)];

    [Theory, MemberData(nameof(Classes))]
    public void Compile_for_cuda(string className)
    {
        var kernels = typeof(RmsNorm).Assembly.GetType(className)!
            .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .SelectMany(method => method.IsGenericMethodDefinition ? Formats.Select(format => method.MakeGenericMethod(format)) : [method])
            .ToArray();
        Assert.NotEmpty(kernels);
        using var context = ComputeDevice.CreateContext(DeviceKind.Cpu);
        using var backend = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null!);
        foreach (var kernel in kernels)
        {
            var compiled = (PTXCompiledKernel)backend.Compile(
                EntryPointDescription.FromExplicitlyGroupedKernel(kernel), default(KernelSpecialization));
            Assert.Contains(".entry", compiled.PTXAssembly, StringComparison.Ordinal);
            Assert.DoesNotContain(".extern .func", compiled.PTXAssembly, StringComparison.Ordinal); // a call that nothing defines
        }
    }
}
