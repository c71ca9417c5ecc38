using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// The residual stream as the next product of a batch reads it: bf16, times the gain of the norm that it goes through, and of every 64 columns the sum
/// of the squares. Whatever adds to the stream leaves it behind; where nobody has, a launch of its own makes it.
/// </summary>
internal sealed class BatchInput : IDisposable
{
    private const int GroupSize = 128;
    private const int LanesOfBlock = BatchProduct.BlockRows / 4;

    private readonly ComputeDevice _device;
    private readonly int _hidden;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _x;
    private readonly FloatBuffer _squares;
    private readonly Lazy<Launcher> _launch;
    private (ulong X, FloatBuffer Gain)? _ready; // what lies here, until it is read

    /// <summary>Allocates room for the most tokens.</summary>
    /// <param name="device">A Hopper card.</param>
    /// <param name="hidden">Elements of a row.</param>
    public BatchInput(ComputeDevice device, int hidden)
    {
        (_device, _hidden) = (device, hidden);
        _x = device.Accelerator.Allocate1D<ushort>((long)BatchProduct.MaxTokens * hidden);
        _squares = device.AllocateFloats((long)BatchProduct.MaxTokens * BatchNext.PitchOf(hidden));
        _squares.MemSetToZero(device.Accelerator.DefaultStream);
        _launch = new(() => PtxLoader.Load(device, Method, new KernelSpecialization(GroupSize, null)).CreateLauncherDelegate<Launcher>());
    }

    private delegate void Launcher(AcceleratorStream stream, KernelConfig config, ulong x, BatchNext next, int rows, int hidden);

    /// <summary>The kernel.</summary>
    internal static System.Reflection.MethodInfo Method { get; } = ((Action<ulong, BatchNext, int, int>)Kernel).Method;

    /// <summary>[tokens, hidden].</summary>
    public Halves X => _x.View;

    /// <summary>Where the sums of squares start.</summary>
    public ulong Squares => (ulong)_squares.NativePtr;

    /// <summary>What a product that adds to x leaves for a norm, or nothing.</summary>
    public BatchNext For(Floats x, FloatBuffer? gain)
    {
        _ready = gain is null ? null : (Address(x), gain);
        return gain is null ? default : Of(gain);
    }

    /// <summary>The stream has become something else.</summary>
    public void Forget() => _ready = null;

    /// <summary>Makes the input of a norm, unless the last product has left it.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="gain">[hidden].</param>
    /// <param name="rows">Up to <see cref="BatchProduct.MaxTokens"/>.</param>
    public void Prepare(Floats x, FloatBuffer gain, int rows)
    {
        var ready = _ready is { } left && left.X == Address(x) && ReferenceEquals(left.Gain, gain);
        _ready = null;
        if (ready) return;
        ShapeException.ThrowIfShorter(x, (long)rows * _hidden, nameof(x));
        ShapeException.ThrowIfShorter(gain.View.BaseView, _hidden, nameof(gain));
        using var _ = _device.Profile(nameof(RmsNorm), nameof(BatchInput), new RmsNormShape(rows, _hidden, 0).Work);
        var threads = rows * Blocks(_hidden) * LanesOfBlock;
        _launch.Value(
            _device.Accelerator.DefaultStream, new KernelConfig((threads + GroupSize - 1) / GroupSize, GroupSize),
            Address(x), Of(gain), rows, _hidden);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _x.Dispose();
        _squares.Dispose();
    }

    /// <summary>
    /// Leaves four neighbouring elements of the stream; sixteen threads of a warp with the same token and block of columns come together.
    /// </summary>
    /// <param name="next">Where.</param>
    /// <param name="hidden">Elements of a row.</param>
    /// <param name="token">The row.</param>
    /// <param name="column">The first element.</param>
    /// <param name="x">The elements; zeros where there are none.</param>
    /// <param name="gain">The gain of the norm for these four elements.</param>
    /// <param name="really">Whether there are any.</param>
    public static void Leave(BatchNext next, int hidden, int token, int column, Quad x, Quad gain, bool really)
    {
        var squares = x.Squares();
        for (var other = LanesOfBlock / 2; other > 0; other /= 2) squares += Warp.ShuffleXor(squares, other);
        if (!really) return;
        var scaled = x.Times(gain);
        PtxInstructions.StoreUIntPair(
            next.X + ((((ulong)token * (ulong)hidden) + (ulong)column) * sizeof(ushort)), PtxInstructions.PackBfloat16(scaled.A, scaled.B),
            PtxInstructions.PackBfloat16(scaled.C, scaled.D));
        if (column % BatchProduct.BlockRows == 0)
            PtxInstructions.StoreUInt(
                next.Squares + (((ulong)(token * next.SquaresPitch) + (ulong)(column / BatchProduct.BlockRows)) * sizeof(float)),
                Interop.FloatAsInt(squares));
    }

    private static void Kernel(ulong x, BatchNext next, int rows, int hidden)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var quads = (hidden + BatchProduct.BlockRows - 1) / BatchProduct.BlockRows * LanesOfBlock;
        var index = (Grid.IdxX * GroupSize) + Group.IdxX;
        int token = index / quads, column = index % quads * 4;
        var really = token < rows && column < hidden;
        var value = really ? PtxInstructions.LoadQuad(x + ((((ulong)token * (ulong)hidden) + (ulong)column) * sizeof(float))) : default;
        var gain = really ? PtxInstructions.LoadQuad(next.Gain + ((ulong)column * sizeof(float))) : default;
        Leave(next, hidden, token, column, value, gain, really);
    }

    private static ulong Address(Floats x) => (ulong)x.LoadEffectiveAddressAsPtr();

    private static int Blocks(int hidden) => (hidden + BatchProduct.BlockRows - 1) / BatchProduct.BlockRows;

    private BatchNext Of(FloatBuffer gain) => new((ulong)gain.NativePtr, (ulong)_x.NativePtr, Squares, BatchNext.PitchOf(_hidden));
}
