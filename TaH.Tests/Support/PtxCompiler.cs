using System.Globalization;
using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace TaH.Tests;

/// <summary>Compiles kernels to PTX, as the library does, without a card.</summary>
internal static class PtxCompiler
{
    // Blackwell is a word of this version and of later ones; what is older knows Hopper since 8.0.
    private static readonly CudaInstructionSet ForBlackwell = CudaInstructionSet.ISA_87;

    /// <summary>The text of a kernel that uses <see cref="PtxInstructions"/>, as <see cref="PtxLoader"/> gives it to a driver.</summary>
    public static string Compile(MethodInfo kernel, string target = "sm_90", KernelSpecialization? residency = null) =>
        PtxText.Prepare(
            Generate(kernel, CudaArchitecture.SM_80, InstructionsFor(target), residency ?? new KernelSpecialization(256, 2)), target);

    /// <summary>The text of a kernel that uses ILGPU alone, as a driver gets it.</summary>
    public static string CompilePortable(MethodInfo kernel, string target)
    {
        var (major, minor) = Math.DivRem(Number(target), 10);
        return Generate(kernel, new CudaArchitecture(major, minor), InstructionsFor(target), new KernelSpecialization());
    }

    private static CudaInstructionSet InstructionsFor(string target) => Number(target) >= 100 ? ForBlackwell : CudaInstructionSet.ISA_83;

    private static int Number(string target) => int.Parse(target.AsSpan(3).TrimEnd('a'), CultureInfo.InvariantCulture);

    private static string Generate(
        MethodInfo kernel, CudaArchitecture architecture, CudaInstructionSet instructions, KernelSpecialization residency)
    {
        // A context of its own, because one in which a compilation has failed compiles nothing more.
        using var context = Context.Create(
            builder => builder.CPU(new CPUDevice(2, 1, 2)).Optimize(OptimizationLevel.O2).EnableAlgorithms().AddPtxInstructions());
        using var backend = new PTXBackend(context, architecture, instructions, null!);
        var entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
        return ((PTXCompiledKernel)backend.Compile(entry, residency)).PTXAssembly;
    }
}
