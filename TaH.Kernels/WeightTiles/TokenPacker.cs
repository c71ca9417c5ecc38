using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Packs x for <see cref="WeightTiles"/>, into memory of its own.</summary>
/// <remarks>One packer serves all products of a device: each reads what was packed last.</remarks>
internal sealed class TokenPacker : IDisposable
{
    /// <summary>The longest row.</summary>
    public const int MaxInner = 16384;

    // Up to here the tensor cores wait for memory even with two terms.
    private const int MostRowsOfTwoTerms = 64;

    private readonly ComputeDevice _device;
    private readonly int _slotBytes;
    private readonly FloatBuffer _packed;
    private readonly FloatBuffer _squares;
    private readonly FloatBuffer _reduced;
    private readonly FloatBuffer? _partials;
    private readonly IntBuffer _counters;
    private Action<AcceleratorStream, KernelConfig, Floats, Floats, ulong, Floats, PackedTokensTask>? _kernel;

    /// <summary>Allocates the memory.</summary>
    public TokenPacker(ComputeDevice device)
    {
        (_device, _slotBytes) = (device, WeightTilesChoice.SlotBytes(device));
        _packed = device.AllocateFloats((long)PackedTokens.MaxRows * MaxInner / 2);
        _squares = device.AllocateFloats((long)PackedTokens.MaxRows * (MaxInner / WeightChunk.Columns));
        _reduced = device.AllocateFloats((long)PackedTokens.MaxRows * WeightChunk.Columns / 2);
        // Up to a large tile for each multiprocessor, or two small ones; and as many counters.
        var groups = 2 * device.Accelerator.NumMultiprocessors;
        var threads = MatVec.GroupSize / 2;
        var blocks = WeightTiles.MaxTokens / TokenBlock.Tokens;
        if (!WeightTilesChoice.HasClusters(device))
            _partials = device.AllocateFloats((long)groups * threads * MemorySums.BytesOfThread(blocks) / sizeof(float));
        _counters = device.AllocateInts(groups);
        _counters.MemSetToZero(device.Accelerator.DefaultStream);
    }

    /// <summary>Where the tokens are.</summary>
    public ulong Address => (ulong)_packed.NativePtr;

    /// <summary>Where the reduced inputs of updates are, a chunk of each tile.</summary>
    public ulong Reduced => (ulong)_reduced.NativePtr;

    /// <summary>Where groups that are no cluster leave their sums; 0 where there are clusters.</summary>
    public ulong Partials => (ulong)(_partials?.NativePtr ?? 0);

    /// <summary>[tiles] zeros between launches.</summary>
    public ulong Counters => (ulong)_counters.NativePtr;

    /// <summary>[chunks, <see cref="PackedTokens.MaxRows"/>] their squares.</summary>
    public Floats Squares => _squares.View.BaseView;

    /// <summary>How rows are packed: two terms for up to 64 rows, if shared memory has room.</summary>
    public PackedTokensTask Task(int rows, int inner, bool normalize)
    {
        var tokens = rows switch { <= 16 => 16, <= 32 => 32, <= 64 => 64, _ => WeightTiles.MaxTokens };
        var terms = rows <= MostRowsOfTwoTerms && PackedTokens.ChunkBytes(tokens, 2) <= _slotBytes ? 2 : 1;
        while (PackedTokens.ChunkBytes(tokens, terms) > _slotBytes) tokens /= 2;
        return new PackedTokensTask(rows, inner, tokens, terms, normalize ? 1 : 0, Aligned: 0);
    }

    /// <summary>One launch.</summary>
    /// <param name="x">[rows, inner].</param>
    /// <param name="gain">[inner] of the norm that x goes through, or null.</param>
    /// <param name="task">The sizes.</param>
    public void Run(Floats x, Floats? gain, PackedTokensTask task)
    {
        Action<Floats, Floats, ulong, Floats, PackedTokensTask> pack = PackedTokens.Pack;
        _kernel ??= PtxLoader.Load(_device, pack.Method, new KernelSpecialization())
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Floats, Floats, ulong, Floats, PackedTokensTask>>();
        const int Warps = PackedTokens.GroupSize / MatVec.WarpSize;
        task = task with { Aligned = Aligned(x) && (gain is not { } gains || Aligned(gains)) ? 1 : 0 };
        var groups = ((task.Blocks * task.Chunks) + Warps - 1) / Warps;
        _kernel(_device.Accelerator.DefaultStream, (groups, PackedTokens.GroupSize), x, gain ?? x, Address, Squares, task);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed.Dispose();
        _squares.Dispose();
        _reduced.Dispose();
        _partials?.Dispose();
        _counters.Dispose();
    }

    private static bool Aligned(Floats view) => view.LoadEffectiveAddressAsPtr() % Word16.Bytes == 0;
}
