using ILGPU;

namespace TaH.Kernels;

/// <summary>One thread an element: how kernels without sums are launched, and how a thread finds its place.</summary>
internal static class Elements
{
    /// <summary>The thread's element; the last group has threads past the end.</summary>
    public static long Index => ((long)Grid.IdxX * Group.DimX) + Group.IdxX;

    /// <summary>Groups enough for all elements.</summary>
    public static KernelConfig Config(ComputeDevice device, long length) =>
        new(checked((int)((length + device.GroupSize - 1) / device.GroupSize)), device.GroupSize);
}
