using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>CUDA, many rows: RMSNorm with bf16 results, for tensor cores. A warp takes a row, eight elements a thread and step.</summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to, or simulated warps.</param>
internal sealed class RmsNormBfloat16(ComputeDevice device)
{
    private const int Warps = 8; // rows of a group
    private const int Octet = 8;

    private readonly Lazy<Launcher> _launch = new(() =>
        PtxLoader.Load(device, ((Action<ulong, ulong, ulong, RmsNormShape>)Kernel).Method, new KernelSpecialization(Warps * MatVec.WarpSize, null))
            .CreateLauncherDelegate<Launcher>());

    private delegate void Launcher(AcceleratorStream stream, KernelConfig config, ulong x, ulong weight, ulong y, RmsNormShape shape);

    /// <summary>As <see cref="RmsNorm.Run"/>, each result rounded to bf16.</summary>
    /// <param name="x">[rows, hidden]; starts at a multiple of 16 bytes, as do the others.</param>
    /// <param name="weight">[hidden].</param>
    /// <param name="y">[rows, hidden]; every element is written.</param>
    /// <param name="shape">Hidden is a multiple of 8.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says, or hidden no multiple of 8.</exception>
    public void Run(Floats x, Floats weight, Halves y, RmsNormShape shape)
    {
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Hidden, nameof(x));
        ShapeException.ThrowIfShorter(weight, shape.Hidden, nameof(weight));
        ShapeException.ThrowIfShorter(y, (long)shape.Rows * shape.Hidden, nameof(y));
        if (shape.Hidden % Octet != 0) throw new ShapeException("hidden", shape.Hidden, (shape.Hidden + Octet - 1) / Octet * Octet);
        if (shape.Rows == 0) return;
        using var _ = device.Profile(nameof(RmsNorm), "Bfloat16", shape.Work);
        _launch.Value(
            device.Accelerator.DefaultStream, new KernelConfig((shape.Rows + Warps - 1) / Warps, Warps * MatVec.WarpSize),
            (ulong)x.LoadEffectiveAddressAsPtr(), (ulong)weight.LoadEffectiveAddressAsPtr(), (ulong)y.LoadEffectiveAddressAsPtr(), shape);
    }

    internal static void Kernel(ulong x, ulong weight, ulong y, RmsNormShape shape)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        int row = (Grid.IdxX * Warps) + (Group.IdxX / MatVec.WarpSize), lane = Group.IdxX % MatVec.WarpSize;
        if (row >= shape.Rows) return;
        var start = x + ((ulong)row * (ulong)shape.Hidden * sizeof(float));
        var squares = 0f;
        for (var at = lane * Octet; at < shape.Hidden; at += MatVec.WarpSize * Octet)
            squares += Load(start, at).Squares() + Load(start, at + 4).Squares();
        var scale = XMath.Rsqrt((WarpReduce.Sum(squares) / shape.Hidden) + shape.Epsilon);
        var all = new Quad(scale, scale, scale, scale);
        var target = y + ((ulong)row * (ulong)shape.Hidden * sizeof(ushort));
        for (var at = lane * Octet; at < shape.Hidden; at += MatVec.WarpSize * Octet)
        {
            var low = Load(start, at).Times(all).Times(Load(weight, at));
            var high = Load(start, at + 4).Times(all).Times(Load(weight, at + 4));
            PtxInstructions.StoreWord(target + ((ulong)at * sizeof(ushort)), Bfloat16CopyPtx.Pack(low, high));
        }
    }

    private static Quad Load(ulong start, int at) => PtxInstructions.LoadQuad(start + ((ulong)at * sizeof(float)));
}
