using System.Reflection;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>Loads kernels that use <see cref="PtxInstructions"/>: compiles with ILGPU, prepares the text, hands it to the driver.</summary>
internal static class PtxLoader
{
    /// <summary>Whether a device takes these kernels: Turing or newer, with a driver of CUDA 11.4 or newer.</summary>
    public static bool Serves(ComputeDevice device) => device.Generation >= CudaGeneration.Turing;

    /// <summary>What a device is able to do by itself.</summary>
    public static CudaGeneration GenerationOf(Accelerator accelerator) =>
        accelerator is CudaAccelerator card ? GenerationOf(card.Architecture, card.InstructionSet) : CudaGeneration.None;

    /// <summary>What a card is able to do by its architecture and the instructions that its driver knows.</summary>
    public static CudaGeneration GenerationOf(CudaArchitecture? architecture, CudaInstructionSet? instructions) => architecture switch
    {
        null => CudaGeneration.None,
        _ when instructions is null || instructions < CudaInstructionSet.ISA_74 => CudaGeneration.None,
        _ when architecture == CudaArchitecture.SM_90 && instructions >= CudaInstructionSet.ISA_81 => CudaGeneration.Hopper,
        _ when architecture >= CudaArchitecture.SM_80 => CudaGeneration.Ampere,
        _ when architecture >= CudaArchitecture.SM_75 => CudaGeneration.Turing,
        _ => CudaGeneration.None,
    };

    /// <summary>Loads a kernel whose index is explicit.</summary>
    /// <param name="device">A device that <see cref="Serves"/> says yes to, or the CPU with simulated warps, which runs the C# bodies.</param>
    /// <param name="method">The kernel, generic arguments filled in.</param>
    /// <param name="specialization">Threads of a group, and groups that a multiprocessor shall hold.</param>
    /// <param name="clusterSize">Neighbouring groups that share memory; more than one on Hopper and newer only.</param>
    /// <param name="registers">The most of a thread; 0 for what follows from the specialization.</param>
    public static Kernel Load(
        ComputeDevice device, MethodInfo method, KernelSpecialization specialization, int clusterSize = 1, int registers = 0)
    {
        if (device.Accelerator is CPUAccelerator { WarpSize: MatVec.WarpSize }) return device.Kernels.Load(new KernelRequest(method, specialization));
        if (!Serves(device)) throw new NotSupportedException($"this kernel needs a CUDA device of sm_75 or newer; this device is {device.Info.Name}");
        return device.Kernels.Load(new KernelRequest(method, specialization, Target(device.Architecture!.Value), clusterSize, registers));
    }

    /// <summary>Lets a kernel ask for more than 48 KiB of dynamic shared memory.</summary>
    public static void AllowSharedMemory(Kernel kernel, int bytes)
    {
        const int MaxDynamicSharedBytes = 8; // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        if (kernel is CudaKernel { FunctionPtr: var function })
            CudaDriver.Check(CudaDriver.cuFuncSetAttribute(function, MaxDynamicSharedBytes, bytes));
    }

    /// <summary>The architecture to compile for; on Hopper with the instructions that no later one keeps (wgmma).</summary>
    private static string Target(CudaArchitecture architecture) =>
        architecture == CudaArchitecture.SM_90 ? "sm_90a" : $"sm_{(architecture.Major * 10) + architecture.Minor}";
}
