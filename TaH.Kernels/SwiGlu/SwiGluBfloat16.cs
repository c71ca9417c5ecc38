using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>CUDA: silu(gate) * up with bf16 results, for tensor cores; eight elements a thread.</summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to, or simulated warps.</param>
internal sealed class SwiGluBfloat16(ComputeDevice device)
{
    private const int GroupSize = 256;
    private const int Octet = 8;

    private readonly Lazy<Launcher> _launch = new(() =>
        PtxLoader.Load(device, ((Action<ulong, ulong, ulong, long>)Kernel).Method, new KernelSpecialization(GroupSize, null))
            .CreateLauncherDelegate<Launcher>());

    private delegate void Launcher(AcceleratorStream stream, KernelConfig config, ulong gate, ulong up, ulong h, long octets);

    /// <summary>As <see cref="SwiGlu.Run"/>, each result rounded to bf16.</summary>
    /// <param name="gate">[rows, ffn]; starts at a multiple of 16 bytes, as do the others.</param>
    /// <param name="up">[rows, ffn].</param>
    /// <param name="h">[rows, ffn]; every element is written.</param>
    /// <param name="shape">Ffn is a multiple of 8.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says, or ffn no multiple of 8.</exception>
    public void Run(Floats gate, Floats up, Halves h, SwiGluShape shape)
    {
        ShapeException.ThrowIfShorter(gate, shape.Length, nameof(gate));
        ShapeException.ThrowIfShorter(up, shape.Length, nameof(up));
        ShapeException.ThrowIfShorter(h, shape.Length, nameof(h));
        if (shape.Ffn % Octet != 0) throw new ShapeException("ffn", shape.Ffn, (shape.Ffn + Octet - 1) / Octet * Octet);
        if (shape.Length == 0) return;
        using var _ = device.Profile(nameof(SwiGlu), "Bfloat16", shape.Work);
        var octets = shape.Length / Octet;
        _launch.Value(
            device.Accelerator.DefaultStream, new KernelConfig(checked((int)((octets + GroupSize - 1) / GroupSize)), GroupSize),
            (ulong)gate.LoadEffectiveAddressAsPtr(), (ulong)up.LoadEffectiveAddressAsPtr(), (ulong)h.LoadEffectiveAddressAsPtr(), octets);
    }

    internal static void Kernel(ulong gate, ulong up, ulong h, long octets)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var at = Elements.Index;
        if (at >= octets) return;
        PtxInstructions.StoreWord(h + ((ulong)at * 16), Bfloat16CopyPtx.Pack(Four(gate, up, (ulong)at * 32), Four(gate, up, ((ulong)at * 32) + 16)));
    }

    private static Quad Four(ulong gate, ulong up, ulong offset)
    {
        var gates = PtxInstructions.LoadQuad(gate + offset);
        var silu = new Quad(
            PtxInstructions.Silu(gates.A), PtxInstructions.Silu(gates.B), PtxInstructions.Silu(gates.C), PtxInstructions.Silu(gates.D));
        return silu.Times(PtxInstructions.LoadQuad(up + offset));
    }
}
