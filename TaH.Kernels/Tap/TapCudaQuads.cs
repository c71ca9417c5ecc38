using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>CUDA: keeps a hidden state, by a kernel. A copy by the driver is slow in a graph, and nothing behind it can start early.</summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
internal sealed class TapCudaQuads(ComputeDevice device)
{
    private const int GroupSize = 256;

    private readonly Lazy<Action<AcceleratorStream, KernelConfig, Floats, Floats, long>> _kernel = new(() =>
        PtxLoader.Load(device, Method, new KernelSpecialization(GroupSize, null))
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Floats, Floats, long>>());

    /// <summary>The kernel.</summary>
    internal static MethodInfo Method { get; } = ((Action<Floats, Floats, long>)Kernel).Method;

    /// <summary>target[i] = x[i] for the first <paramref name="length"/> elements.</summary>
    /// <exception cref="ShapeException">A view is shorter.</exception>
    /// <exception cref="NotSupportedException">A view does not start at a multiple of 16 bytes.</exception>
    public void Run(Floats x, Floats target, long length)
    {
        ShapeException.ThrowIfShorter(x, length, nameof(x));
        ShapeException.ThrowIfShorter(target, length, nameof(target));
        if (length == 0) return;
        if (!Aligned(x) || !Aligned(target)) throw new NotSupportedException("a hidden state that does not start at a multiple of 16 bytes");
        using var _ = device.Profile("Tap", "CudaQuads", new KernelWork(2 * length * sizeof(float), 0, Rows: 1, Inner: (int)length));
        var groups = checked((int)((length + (4 * GroupSize) - 1) / (4 * GroupSize)));
        _kernel.Value(device.Accelerator.DefaultStream, (groups, GroupSize), x, target, length);
    }

    private static bool Aligned(Floats view) => view.LoadEffectiveAddressAsPtr() % Word16.Bytes == 0;

    private static void Kernel(Floats x, Floats target, long length)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var at = 4 * (((long)Grid.IdxX * GroupSize) + Group.IdxX);
        if (at + 4 <= length)
            PtxInstructions.StoreQuad(PtxInstructions.AddressOf(ref target[at]), PtxInstructions.LoadQuad(PtxInstructions.AddressOf(ref x[at])));
        else
            for (; at < length; at++) target[at] = x[at];
    }
}
