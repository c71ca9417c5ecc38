using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>The kernels of <see cref="MatVec"/> for one kind of pairs, each loaded when its element type and count of rows first come.</summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
/// <param name="plan">How it spreads over a card; null for what was measured to be best.</param>
internal sealed class MatVecLaunches<TPairs>(ComputeDevice device, MatVecPlan? plan = null) where TPairs : struct, IWeightPairs
{
    // Sums of many rows take registers; two groups leave enough for them and for a batch of weights.
    private const int LeastResidency = 2;

    private readonly Dictionary<(ElementType Type, int Rows, bool Copied, MatVecPlan Plan), Loaded> _loaded = [];

    /// <summary>One launch.</summary>
    /// <param name="x">[rows, inner].</param>
    /// <param name="norm">What x goes through first, or null.</param>
    /// <param name="type">How the weights are stored; all start at multiples of 16 bytes.</param>
    /// <param name="pairs">The weights and what becomes of their sums.</param>
    /// <param name="count">How many pairs.</param>
    /// <param name="rows">Rows of x: 1 to 8.</param>
    /// <param name="inner">Length of each sum.</param>
    public void Run(Floats x, MatVecNorm? norm, ElementType type, TPairs pairs, int count, int rows, int inner)
    {
        var compiledRows = MatVecTask.CompiledRows(rows);
        var gain = norm?.Gain ?? x; // not read without a norm: an empty view has no address to hand over
        var task = MatVecTask.Of(device, x, norm, type, count, rows, inner);
        var key = (type, compiledRows, device.Generation >= CudaGeneration.Hopper && CopiedPanel.Takes(task), plan ?? MatVecPlan.For(task, type));
        if (!_loaded.TryGetValue(key, out var kernel)) _loaded[key] = kernel = Load(type, compiledRows, key.Item3, key.Item4);
        var groups = Math.Min(task.Groups, device.Accelerator.NumMultiprocessors * kernel.GroupsPerMultiprocessor);
        kernel.Launch(device.Accelerator.DefaultStream, (groups, MatVec.GroupSize), x, gain, pairs, task);
    }

    /// <summary>The kernel for an element type and a count of rows, generic arguments filled in.</summary>
    /// <param name="type">Of the weights.</param>
    /// <param name="compiledRows">1, 2, 4 or 8.</param>
    /// <param name="copied">Whether the one row comes as <see cref="CopiedPanel"/> says.</param>
    internal static MethodInfo Method(ElementType type, int compiledRows, bool copied = false) => type switch
    {
        ElementType.F32 => Method<SingleOctet, SingleOctets>(compiledRows, copied),
        ElementType.F16 => Method<Word16, HalfOctets>(compiledRows, copied),
        _ => Method<Word16, Bfloat16Octets>(compiledRows, copied),
    };

    private static MethodInfo Method<TOctet, TFormat>(int compiledRows, bool copied)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> => (compiledRows, copied) switch
        {
            (1, true) => Method<TOctet, TFormat, OneRow, CopiedPanel>(),
            (1, _) => Method<TOctet, TFormat, OneRow, LoadedPanel>(),
            (2, _) => Method<TOctet, TFormat, Twice<OneRow>, LoadedPanel>(),
            (4, _) => Method<TOctet, TFormat, Twice<Twice<OneRow>>, LoadedPanel>(),
            _ => Method<TOctet, TFormat, Twice<Twice<Twice<OneRow>>>, LoadedPanel>(),
        };

    private static MethodInfo Method<TOctet, TFormat, TSums, TArrival>()
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TSums : unmanaged, IRowSums<TSums>
        where TArrival : unmanaged, IPanelArrival<TArrival> =>
        ((Action<Floats, Floats, TPairs, MatVecTask>)MatVec.Run<TOctet, TFormat, TSums, TPairs, TArrival>).Method;

    private Loaded Load(ElementType type, int compiledRows, bool copied, MatVecPlan chosen)
    {
        var kernel = PtxLoader.Load(
            device, Method(type, compiledRows, copied),
            new KernelSpecialization(MatVec.GroupSize, compiledRows <= 2 ? chosen.Residency : LeastResidency));
        return new Loaded(
            kernel.CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Floats, Floats, TPairs, MatVecTask>>(),
            Math.Min(chosen.Groups, device.Accelerator.EstimateMaxActiveGroupsPerMultiprocessor(kernel, MatVec.GroupSize)));
    }

    private sealed record Loaded(
        Action<AcceleratorStream, KernelConfig, Floats, Floats, TPairs, MatVecTask> Launch, int GroupsPerMultiprocessor);
}

/// <summary>An RMSNorm that x goes through on its way into a product.</summary>
/// <param name="Gain">[inner].</param>
/// <param name="Epsilon">Added to the mean square.</param>
internal readonly record struct MatVecNorm(Floats Gain, float Epsilon);
