using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>The kernels of <see cref="LoraMatVecKernel"/> for one kind of pairs, each loaded when its type and count of rows first come.</summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
internal sealed class LoraMatVecLaunches<TPairs, TUpdates>(ComputeDevice device)
    where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
{
    // Two groups leave room for one of the next kernel, which has 80: without it a deep pass of 1.7B took 1,339 us on an H200, with it 1,315, and one
    // of a shallow and a deep row 1,570 and 1,518.
    private const int BesideAThird = 88;

    private readonly Dictionary<(ElementType Type, int Rows, int Residency, int Room), Loaded> _loaded = [];

    /// <summary>One launch.</summary>
    /// <param name="x">[rows, inner].</param>
    /// <param name="norm">What x goes through first, or null.</param>
    /// <param name="type">How the weights are stored, and A and B; all start at multiples of 16 bytes.</param>
    /// <param name="pairs">The weights and what becomes of their sums.</param>
    /// <param name="count">How many pairs.</param>
    /// <param name="rows">Rows of x: 1 to 8.</param>
    /// <param name="inner">Length of each sum.</param>
    /// <param name="updates">The B of the updates.</param>
    /// <param name="reduced">Their A.</param>
    public void Run(
        Floats x, MatVecNorm? norm, ElementType type, TPairs pairs, int count, int rows, int inner, TUpdates updates, ReducedRows reduced)
    {
        var compiledRows = MatVecTask.CompiledRows(rows);
        var product = MatVecTask.Of(device, x, norm, type, count, rows, inner);
        var task = LoraMatVecTask.Of(product, reduced, compiledRows, device.Generation);
        var plan = MatVecPlan.For(product, type);
        // Kernels that share a multiprocessor had better have the same need of shared memory: the card divides it anew only when it is idle.
        var room = Math.Max(task.Room(compiledRows), LoraMatVecTask.LeastRoom);
        var residency = Math.Min(plan.Residency, MostResident(type, compiledRows, device.Generation));
        var registers = compiledRows <= 2 && residency == 2 && type != ElementType.F32 ? BesideAThird : 0;
        var key = (type, compiledRows, residency, room);
        if (!_loaded.TryGetValue(key, out var kernel)) _loaded[key] = kernel = Load(type, compiledRows, residency, registers, room);
        // Who waits for others' sums must not keep them from starting: no more groups than fit. A simulated multiprocessor takes one at a time.
        var resident = device.Kind == DeviceKind.Cuda ? Math.Min(plan.Groups, kernel.GroupsPerMultiprocessor) : 1;
        var groups = Math.Min(task.Blocks, device.Accelerator.NumMultiprocessors * resident);
        var gain = norm?.Gain ?? x; // not read without a norm: an empty view has no address to hand over
        var shared = SharedMemoryConfig.RequestDynamic<float>(room);
        kernel.Launch(device.Accelerator.DefaultStream, new KernelConfig(groups, MatVec.GroupSize, shared), x, gain, pairs, updates, reduced, task);
    }

    /// <summary>The kernel for an element type and a count of rows, generic arguments filled in.</summary>
    internal static MethodInfo Method(ElementType type, int compiledRows) => type switch
    {
        ElementType.F32 => Method<SingleOctet, SingleOctets>(compiledRows),
        ElementType.F16 => Method<Word16, HalfOctets>(compiledRows),
        _ => Method<Word16, Bfloat16Octets>(compiledRows),
    };

    /// <summary>Groups that a multiprocessor's registers are enough for.</summary>
    internal static int MostResident(ElementType type, int compiledRows, CudaGeneration generation) => (type, compiledRows) switch
    {
        (ElementType.F32, > 1) => 1,
        (ElementType.F32, _) or (_, > 2) => 2,
        _ => generation >= CudaGeneration.Hopper ? 3 : 2,
    };

    private static MethodInfo Method<TOctet, TFormat>(int compiledRows) where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> =>
        compiledRows switch
        {
            1 => Method<TOctet, TFormat, OneRow>(),
            2 => Method<TOctet, TFormat, Twice<OneRow>>(),
            4 => Method<TOctet, TFormat, Twice<Twice<OneRow>>>(),
            _ => Method<TOctet, TFormat, Twice<Twice<Twice<OneRow>>>>(),
        };

    private static MethodInfo Method<TOctet, TFormat, TSums>()
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums> =>
        ((Action<Floats, Floats, TPairs, TUpdates, ReducedRows, LoraMatVecTask>)
            LoraMatVecKernel.Run<TOctet, TFormat, TSums, TPairs, TUpdates>).Method;

    private Loaded Load(ElementType type, int compiledRows, int residency, int registers, int room)
    {
        var kernel = PtxLoader.Load(device, Method(type, compiledRows), new KernelSpecialization(MatVec.GroupSize, residency), registers: registers);
        PtxLoader.AllowSharedMemory(kernel, LoraMatVecTask.MostRoom(device.Generation) * sizeof(float));
        return new Loaded(
            kernel.CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Floats, Floats, TPairs, TUpdates, ReducedRows, LoraMatVecTask>>(),
            device.Accelerator.EstimateMaxActiveGroupsPerMultiprocessor(kernel, MatVec.GroupSize, room * sizeof(float)));
    }

    private sealed record Loaded(
        Action<AcceleratorStream, KernelConfig, Floats, Floats, TPairs, TUpdates, ReducedRows, LoraMatVecTask> Launch, int GroupsPerMultiprocessor);
}
