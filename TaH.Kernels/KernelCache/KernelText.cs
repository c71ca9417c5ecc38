using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR.Types;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace TaH.Kernels;

/// <summary>A kernel as ILGPU compiled it: all that must be kept to have it again without compiling.</summary>
/// <param name="Source">A module in PTX, or a program in OpenCL C.</param>
/// <param name="SharedBytes">Shared memory of fixed size.</param>
/// <param name="HasDynamicSharedMemory">Whether the launch says how much more shared memory there is.</param>
internal sealed record KernelText(string Source, int SharedBytes, bool HasDynamicSharedMemory)
{
    // A view in OpenCL is a pointer and a length.
    private const int FieldsOfView = 2;

    /// <summary>Compiles a kernel for a CUDA or OpenCL device.</summary>
    public static KernelText Compile(Accelerator accelerator, KernelRequest request)
    {
        var description = EntryPointDescription.FromExplicitlyGroupedKernel(request.Method);
        var compiled = accelerator.GetBackend().Compile(description, request.Specialization);
        var source = compiled is PTXCompiledKernel ptx ? ptx.PTXAssembly : ((CLCompiledKernel)compiled).Source;
        if (request.PtxTarget is { } target)
            source = PtxText.InRegisters(PtxText.InClusters(PtxText.Prepare(source, target), request.ClusterSize), request.Registers);
        var shared = EntryPointOf(compiled).SharedMemory;
        return new KernelText(source, shared.StaticSize, shared.HasDynamicMemory);
    }

    /// <summary>The kernel in the form that ILGPU loads.</summary>
    public CompiledKernel ToCompiled(Accelerator accelerator, KernelRequest request)
    {
        var description = EntryPointDescription.FromExplicitlyGroupedKernel(request.Method);
        var shared = new SharedMemorySpecification(SharedBytes, HasDynamicSharedMemory);
        if (accelerator is not CLAccelerator device)
            return MakePtx(accelerator.Context, new EntryPoint(description, shared, request.Specialization), null, Source);
        var entryPoint = new SeparateViewEntryPoint(description, shared, request.Specialization, TypesOf(accelerator.Context), FieldsOfView);
        return new CLCompiledKernel(accelerator.Context, entryPoint, null, Source, device.CLStdVersion);
    }

    // What ILGPU keeps internal: it has no thought of kernels that it did not compile a moment ago.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_EntryPoint")]
    private static extern EntryPoint EntryPointOf(CompiledKernel kernel);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_TypeContext")]
    private static extern IRTypeContext TypesOf(Context context);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern PTXCompiledKernel MakePtx(Context context, EntryPoint entryPoint, CompiledKernel.KernelInfo? info, string text);
}
