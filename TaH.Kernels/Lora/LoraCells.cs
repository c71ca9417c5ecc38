using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// The memory behind <see cref="LoraTags"/>. Passes are counted on the device, by a launch that a recorded pass replays, and launches within a pass
/// by the host; so no two launches that use the cells have the same tag, and nobody ever clears them. A launch writes them only when the one before
/// has ended.
/// </summary>
internal sealed class LoraCells : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly MemoryBuffer1D<ulong, Stride1D.Dense> _cells; // [8, 3 * rank]
    private readonly IntBuffer _passes;
    private readonly Lazy<Action<AcceleratorStream, KernelConfig, Ints>> _count;
    private int _launches;

    /// <summary>Allocates the cells.</summary>
    /// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
    /// <param name="maxRank">The largest rank of an update.</param>
    public LoraCells(ComputeDevice device, int maxRank)
    {
        _device = device;
        _cells = device.Accelerator.Allocate1D<ulong>(3L * MatVec.MaxRows * maxRank);
        _cells.MemSetToZero(device.Accelerator.DefaultStream);
        _passes = device.AllocateInts(1);
        _passes.MemSetToZero(device.Accelerator.DefaultStream);
        _count = new(() => PtxLoader.Load(device, Method, new KernelSpecialization(1, null))
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Ints>>());
    }

    /// <summary>The kernel that counts passes.</summary>
    internal static System.Reflection.MethodInfo Method => ((Action<Ints>)CountPass).Method;

    /// <summary>Begins a pass, in its record, too: launches that are replayed without it would take the last replay's cells for theirs.</summary>
    public void BeginPass()
    {
        _launches = 0;
        using var _ = _device.Profile("CountPass", "Ptx", new KernelWork(2 * sizeof(int), 0));
        _count.Value(_device.Accelerator.DefaultStream, (1, 1), _passes.View);
    }

    /// <summary>What the next launch of the pass takes.</summary>
    /// <exception cref="InvalidOperationException">The pass has too many.</exception>
    public LoraTags Next() => ++_launches < LoraTags.OfPass
        ? new LoraTags(AddressOf(_cells), AddressOf(_passes), _launches)
        : throw new InvalidOperationException($"{_launches} products with updates in a pass");

    /// <inheritdoc/>
    public void Dispose()
    {
        _cells.Dispose();
        _passes.Dispose();
    }

    private static ulong AddressOf<T>(MemoryBuffer1D<T, Stride1D.Dense> buffer) where T : unmanaged => (ulong)buffer.NativePtr;

    private static void CountPass(Ints passes)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        passes[0]++;
    }
}
