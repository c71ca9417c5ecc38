using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace TaH.Tests;

/// <summary>Compiles kernels that use <see cref="PtxInstructions"/> to PTX, as <see cref="PtxLoader"/> does, without a card.</summary>
internal static class PtxCompiler
{
    /// <summary>The text as a driver would get it.</summary>
    public static string Compile(MethodInfo kernel, string target = "sm_90", KernelSpecialization? residency = null)
    {
        // A context of its own, because one in which a compilation has failed compiles nothing more.
        using var context = Context.Create(
            builder => builder.CPU(new CPUDevice(2, 1, 2)).Optimize(OptimizationLevel.O2).EnableAlgorithms().AddPtxInstructions());
        using var backend = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_83, null!);
        var entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
        var compiled = (PTXCompiledKernel)backend.Compile(entry, residency ?? new KernelSpecialization(256, 2));
        return PtxText.Prepare(compiled.PTXAssembly, target);
    }
}
