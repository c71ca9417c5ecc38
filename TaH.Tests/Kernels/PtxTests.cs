using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace TaH.Tests;

/// <summary>What ILGPU cannot turn into PTX is found without a card.</summary>
public class PtxTests
{
    public static TheoryData<string> Names() => [.. PortableKernels.All().Select(PortableKernels.NameOf)];

    [Theory, MemberData(nameof(Names))]
    public void Every_portable_kernel_becomes_PTX(string name)
    {
        var method = PortableKernels.All().Single(candidate => PortableKernels.NameOf(candidate) == name);
        // A context of its own, because one in which a compilation has failed compiles nothing more.
        using var context = Context.Create(builder => builder.CPU(new CPUDevice(2, 1, 2)).Optimize(OptimizationLevel.O2).EnableAlgorithms());
        using var backend = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null!);
        var compiled = (PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), new KernelSpecialization());
        Assert.Contains(".entry", compiled.PTXAssembly, StringComparison.Ordinal);
        Assert.DoesNotContain(".extern .func", compiled.PTXAssembly, StringComparison.Ordinal); // a call that nothing defines
    }
}
