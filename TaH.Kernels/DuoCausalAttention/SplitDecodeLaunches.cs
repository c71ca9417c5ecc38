using System.Reflection;
using ILGPU.Runtime;
using Launch = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, TaH.Kernels.QkvBuffers, TaH.Kernels.SplitDecodeWeights, TaH.Kernels.SplitDecodeRows,
    TaH.Kernels.SplitDecodeMemory, ILGPU.ArrayView<float>, TaH.Kernels.SplitDecodeTask>;

namespace TaH.Kernels;

/// <summary>The kernels of split decoding, each loaded when its element type, width and count of heads first come.</summary>
internal sealed class SplitDecodeLaunches(ComputeDevice device)
{
    private readonly Dictionary<(ElementType, int, int), Launch> _loaded = [];

    /// <summary>Query heads of a group: those of a key head, rounded up to a power of two, four at most.</summary>
    public static int HeadsFor(DuoCausalAttentionShape shape) => shape.HeadsPerKvHead switch { 1 => 1, 2 => 2, _ => SplitDecodeKernel.MaxHeads };

    /// <summary>Groups that a multiprocessor holds: four heads need more registers than two groups could have.</summary>
    public static int GroupsPerMultiprocessor(int heads) => heads == SplitDecodeKernel.MaxHeads ? 1 : 2;

    /// <summary>One launch.</summary>
    public void Run(
        int groups, int heads, ElementType type, QkvBuffers qkv, SplitDecodeWeights weights, SplitDecodeRows rows, SplitDecodeMemory memory,
        Floats mixed,
        SplitDecodeTask task)
    {
        if (!_loaded.TryGetValue((type, task.HeadDim, heads), out var launch))
            _loaded[(type, task.HeadDim, heads)] = launch = Load(type, task.HeadDim, heads);
        launch(device.Accelerator.DefaultStream, (groups, SplitDecodeKernel.GroupSize), qkv, weights, rows, memory, mixed, task);
    }

    /// <summary>The kernel for an element type, a width of heads and a count of them, generic arguments filled in.</summary>
    internal static MethodInfo Method(ElementType type, int headDim, int heads) => type switch
    {
        ElementType.F32 => Method<SingleOctet, SingleOctets, SingleEntries>(headDim, heads),
        ElementType.F16 => Method<Word16, HalfOctets, HalfEntries<HalfFormat>>(headDim, heads),
        _ => Method<Word16, Bfloat16Octets, HalfEntries<Bfloat16Format>>(headDim, heads),
    };

    private static MethodInfo Method<TOctet, TFormat, TEntry>(int headDim, int heads)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TEntry : struct, IEntryFormat => headDim switch
        {
            32 => Method<TOctet, TFormat, TEntry, FourLanes>(heads),
            64 => Method<TOctet, TFormat, TEntry, EightLanes>(heads),
            _ => Method<TOctet, TFormat, TEntry, SixteenLanes>(heads),
        };

    private static MethodInfo Method<TOctet, TFormat, TEntry, TLanes>(int heads)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TEntry : struct, IEntryFormat
        where TLanes : struct, IEntryLanes => heads switch
        {
            1 => Method<TOctet, TFormat, TEntry, TLanes, OneHead>(),
            2 => Method<TOctet, TFormat, TEntry, TLanes, TwiceHeads<OneHead>>(),
            _ => Method<TOctet, TFormat, TEntry, TLanes, TwiceHeads<TwiceHeads<OneHead>>>(),
        };

    private static MethodInfo Method<TOctet, TFormat, TEntry, TLanes, THeads>()
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TEntry : struct, IEntryFormat
        where TLanes : struct, IEntryLanes where THeads : unmanaged, IQueryHeads<THeads> =>
        ((Action<QkvBuffers, SplitDecodeWeights, SplitDecodeRows, SplitDecodeMemory, Floats, SplitDecodeTask>)
            SplitDecodeKernel.Run<TOctet, TFormat, TEntry, TLanes, THeads>).Method;

    private Launch Load(ElementType type, int headDim, int heads)
    {
        var residency = new KernelSpecialization(SplitDecodeKernel.GroupSize, GroupsPerMultiprocessor(heads));
        return PtxLoader.Load(device, Method(type, headDim, heads), residency).CreateLauncherDelegate<Launch>();
    }
}
