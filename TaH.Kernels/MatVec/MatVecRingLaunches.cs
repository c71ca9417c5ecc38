using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>The kernels of <see cref="MatVecRing"/> for one kind of pairs.</summary>
/// <param name="device">The device.</param>
/// <param name="plan">How it spreads over a card; null for what was measured to be best.</param>
internal sealed class MatVecRingLaunches<TPairs, TUpdates>(ComputeDevice device, MatVecRingPlan? plan = null)
    where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
{
    // More rows at a time would leave no room for weights beside x.
    private const int MostRows = 4;

    private const int MostDynamicShared = 224 * 1024;

    private static readonly KernelSpecialization Residency = new(MatVec.GroupSize, 2);

    private readonly Dictionary<(ElementType, int), Launch> _loaded = [];
    private readonly bool _served = Serves(device);
    private readonly MatVecRingPlan _plan = plan ?? MatVecRingPlan.Default;

    private delegate void Launch(
        AcceleratorStream stream, KernelConfig config, Floats x, Floats gain, TPairs pairs, TUpdates updates, Floats reduced, MatVecTask task, int stages);

    /// <summary>One launch, if the card and the product are such that the copy engine can bring the weights.</summary>
    public bool TryRun(
        Floats x, Floats gain, ElementType type, TPairs pairs, TUpdates updates, Floats reduced, MatVecTask task, int compiledRows)
    {
        if (!_served || _plan.Stages == 0 || compiledRows > MostRows || task.WeightOctets * MatVecTask.Octet != task.Inner || task.StagedOctets != task.WeightOctets) return false;
        task = task with { PanelOctets = task.Octets };
        var groups = Math.Min(task.Groups, _plan.GroupsPerMultiprocessor * device.Accelerator.NumMultiprocessors);
        var stepBytes = MatVecRing.StepBytes(WeightMatrix.SizeOf(type));
        var panelBytes = compiledRows * task.PanelOctets * MatVecTask.Octet * sizeof(float);
        var stages = Math.Min(_plan.Stages, StepsOfWarp(task, groups));
        while (stages > 1 && panelBytes + MatVecRingStages.BytesOfGroup(stages, stepBytes) > _plan.SharedBytes) stages--;
        var bytes = panelBytes + MatVecRingStages.BytesOfGroup(stages, stepBytes);
        if (bytes > MostDynamicShared) return false;
        if (!_loaded.TryGetValue((type, compiledRows), out var launch)) _loaded[(type, compiledRows)] = launch = Load(type, compiledRows);
        var config = new KernelConfig(groups, MatVec.GroupSize, SharedMemoryConfig.RequestDynamic<float>(bytes / sizeof(float)));
        launch(device.Accelerator.DefaultStream, config, x, gain, pairs, updates, reduced, task, stages);
        return true;
    }

    /// <summary>The kernel for an element type and a count of rows, generic arguments filled in.</summary>
    internal static MethodInfo Method(ElementType type, int compiledRows) => type switch
    {
        ElementType.F32 => Method<SingleOctet, SingleOctets>(compiledRows),
        ElementType.F16 => Method<Word16, HalfOctets>(compiledRows),
        _ => Method<Word16, Bfloat16Octets>(compiledRows),
    };

    private static MethodInfo Method<TOctet, TFormat>(int compiledRows) where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> =>
        compiledRows switch
        {
            1 => Method<TOctet, TFormat, OneRow>(),
            2 => Method<TOctet, TFormat, Twice<OneRow>>(),
            _ => Method<TOctet, TFormat, Twice<Twice<OneRow>>>(),
        };

    private static MethodInfo Method<TOctet, TFormat, TSums>()
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums> =>
        ((Action<Floats, Floats, TPairs, TUpdates, Floats, MatVecTask, int>)MatVecRing.Run<TOctet, TFormat, TSums, TPairs, TUpdates>).Method;

    private static bool Serves(ComputeDevice device) => device.Accelerator switch
    {
        CudaAccelerator { Architecture: var architecture, InstructionSet: var instructions } =>
            architecture >= CudaArchitecture.SM_90 && instructions >= CudaInstructionSet.ISA_80,
        CPUAccelerator { WarpSize: MatVec.WarpSize } => true, // simulated warps
        _ => false,
    };

    /// <summary>Steps of the busiest warp.</summary>
    private static int StepsOfWarp(MatVecTask task, int groups)
    {
        var stepsOfPair = (task.Octets + (task.Slices * MatVecRing.StepOctets) - 1) / (task.Slices * MatVecRing.StepOctets);
        var pairsOfWarp = (task.Pairs + (groups * task.PairsPerGroup) - 1) / (groups * task.PairsPerGroup);
        return stepsOfPair * pairsOfWarp;
    }

    private Launch Load(ElementType type, int compiledRows)
    {
        var kernel = PtxLoader.Load(device, Method(type, compiledRows), Residency);
        if (kernel is CudaKernel cuda) CudaDriver.AllowDynamicShared(cuda, MostDynamicShared);
        return kernel.CreateLauncherDelegate<Launch>();
    }
}
