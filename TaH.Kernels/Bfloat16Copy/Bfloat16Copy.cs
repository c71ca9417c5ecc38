using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Copies between f32 and bf16, eight elements a thread.</summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to, or simulated warps.</param>
internal sealed class Bfloat16Copy(ComputeDevice device)
{
    private const int GroupSize = 256;
    private const int Octet = 8;

    private readonly Lazy<Launcher> _narrow = new(() => Load(device, Bfloat16CopyPtx.Narrow));
    private readonly Lazy<Launcher> _widen = new(() => Load(device, Bfloat16CopyPtx.Widen));

    private delegate void Launcher(AcceleratorStream stream, KernelConfig config, ulong from, ulong to, long octets);

    /// <summary>to[i] = the bf16 nearest to from[i], ties to even.</summary>
    /// <param name="from">Starts at a multiple of 16 bytes.</param>
    /// <param name="to">Starts at a multiple of 16 bytes.</param>
    /// <param name="length">A multiple of 8.</param>
    public void Narrow(Floats from, Halves to, long length) => Run(_narrow.Value, from, to, length);

    /// <summary>to[i] = from[i].</summary>
    /// <param name="from">Starts at a multiple of 16 bytes.</param>
    /// <param name="to">Starts at a multiple of 16 bytes.</param>
    /// <param name="length">A multiple of 8.</param>
    public void Widen(Halves from, Floats to, long length) => Run(_widen.Value, from, to, length);

    private static Launcher Load(ComputeDevice device, Action<ulong, ulong, long> kernel) =>
        PtxLoader.Load(device, kernel.Method, new KernelSpecialization(GroupSize, null)).CreateLauncherDelegate<Launcher>();

    private void Run<TFrom, TTo>(Launcher launch, ArrayView<TFrom> from, ArrayView<TTo> to, long length)
        where TFrom : unmanaged where TTo : unmanaged
    {
        ShapeException.ThrowIfShorter(from, length, nameof(from));
        ShapeException.ThrowIfShorter(to, length, nameof(to));
        if (length % Octet != 0) throw new ShapeException(nameof(length), length, (length + Octet - 1) / Octet * Octet);
        if (length == 0) return;
        var work = new KernelWork(length * (sizeof(float) + sizeof(ushort)), 0, Rows: 1, Inner: (int)Math.Min(length, int.MaxValue));
        using var _ = device.Profile(nameof(Bfloat16Copy), "Ptx", work);
        var octets = length / Octet;
        var groups = checked((int)((octets + GroupSize - 1) / GroupSize));
        launch(
            device.Accelerator.DefaultStream, new KernelConfig(groups, GroupSize), (ulong)from.LoadEffectiveAddressAsPtr(),
            (ulong)to.LoadEffectiveAddressAsPtr(),
            octets);
    }
}
