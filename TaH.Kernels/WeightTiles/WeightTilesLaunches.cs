using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>The kernels of <see cref="WeightTiles"/> for one kind of pairs, each loaded when its sizes first come.</summary>
/// <param name="device">A card with bfloat16 tensor cores, or simulated warps.</param>
/// <param name="tokens">Where x is packed.</param>
/// <param name="warpgroups">Whether Hopper's products of four warps are used.</param>
internal class WeightTilesLaunches<TPairs, TUpdates>(ComputeDevice device, TokenPacker tokens, bool warpgroups)
    where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates
{
    // One group has a multiprocessor's registers to itself: two chunks of weights on the way are a third of them.
    private static readonly KernelSpecialization Residency = new(MatVec.GroupSize, 1);

    private readonly Dictionary<WeightTilesKernel, Loaded> _loaded = [];

    /// <summary>The product of tokens that are packed already.</summary>
    /// <param name="epsilon">Of the norm that they go through, or null; the packer has seen to the gain.</param>
    /// <param name="pairs">The weights and what becomes of their sums.</param>
    /// <param name="count">How many pairs.</param>
    /// <param name="packing">How the tokens were packed.</param>
    /// <param name="updates">What is added to the sums; the packer has the reduced inputs.</param>
    /// <param name="given">How the product is spread over the device, or null for what suits it.</param>
    public void Run(float? epsilon, TPairs pairs, int count, PackedTokensTask packing, TUpdates updates, WeightTilesPlan? given = null)
    {
        var plan = given ?? WeightTilesPlan.Of(
            count, packing, device.Accelerator.NumMultiprocessors, WeightTilesChoice.HasClusters(device));
        // The sums of a cluster meet where the tokens of its next turn would come.
        if (plan.Splits > 1 && plan.Workers * plan.PairsOfTile < count) throw new ArgumentException("clusters that share columns take one turn");
        var key = new WeightTilesKernel(
            packing.Tokens, packing.Terms, plan.Splits, warpgroups, ThroughMemory: plan.Splits > 1 && !WeightTilesChoice.HasClusters(device));
        if (!_loaded.TryGetValue(key, out var kernel)) _loaded[key] = kernel = Load(key);
        var task = new WeightTilesTask(
            packing.Rows, 0, packing.Inner, count, plan.Splits, plan.SplitChunks(packing.Chunks, count, updates.Rank > 0),
            epsilon is null ? 0 : 1, epsilon ?? 0, tokens.Partials, tokens.Counters);
        var memory = SharedMemoryConfig.RequestDynamic<float>(key.MemoryBytes / sizeof(float));
        kernel.Launch(
            device.Accelerator.DefaultStream,
            new KernelConfig(new Index3D(plan.Workers * plan.Splits, packing.Tiles, 1), new Index3D(plan.Threads, 1, 1), memory),
            tokens.Address, tokens.Squares, pairs, updates, tokens.Reduced, task);
    }

    /// <summary>The kernel, generic arguments filled in.</summary>
    internal static MethodInfo Method(WeightTilesKernel kernel) => kernel.Tokens switch
    {
        16 => Method<TwiceAsWide<TokenBlock>>(kernel),
        32 => Method<TwiceAsWide<TwiceAsWide<TokenBlock>>>(kernel),
        64 => Method<TwiceAsWide<TwiceAsWide<TwiceAsWide<TokenBlock>>>>(kernel),
        _ => Method<TwiceAsWide<TwiceAsWide<TwiceAsWide<TwiceAsWide<TokenBlock>>>>>(kernel),
    };

    private static MethodInfo Method<TSums>(WeightTilesKernel kernel) where TSums : unmanaged, ITokenBlocks<TSums> => kernel switch
    {
        { Warpgroups: false, Terms: 1 } => Method<TSums, WarpProducts<TSums, OneTerm>>(kernel),
        { Warpgroups: false } => Method<TSums, WarpProducts<TSums, TwoTerms>>(kernel),
        { Terms: 1 } => Method<TSums, WarpgroupProducts<TSums, OneTerm>>(kernel),
        _ => Method<TSums, WarpgroupProducts<TSums, TwoTerms>>(kernel),
    };

    private static MethodInfo Method<TSums, TProducts>(WeightTilesKernel kernel)
        where TSums : unmanaged, ITokenBlocks<TSums> where TProducts : struct, ITileProducts<TSums> =>
        kernel.Splits == 1 ? Method<TSums, TProducts, WholeColumns>()
        : kernel.ThroughMemory ? Method<TSums, TProducts, MemorySums>() : Method<TSums, TProducts, ClusterSums>();

    private static MethodInfo Method<TSums, TProducts, TSplits>()
        where TSums : unmanaged, ITokenBlocks<TSums> where TProducts : struct, ITileProducts<TSums> where TSplits : struct, IColumnSplits =>
        ((Action<ulong, Floats, TPairs, TUpdates, ulong, WeightTilesTask>)WeightTiles.Run<TSums, TProducts, TSplits, TPairs, TUpdates>).Method;

    private Loaded Load(WeightTilesKernel key)
    {
        var kernel = PtxLoader.Load(device, Method(key), Residency, key.ThroughMemory ? 1 : key.Splits);
        if (kernel is CudaKernel cuda) CudaDriver.AllowDynamicShared(cuda, key.MemoryBytes);
        return new Loaded(
            kernel.CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong, Floats, TPairs, TUpdates, ulong, WeightTilesTask>>());
    }

    private sealed record Loaded(Action<AcceleratorStream, KernelConfig, ulong, Floats, TPairs, TUpdates, ulong, WeightTilesTask> Launch);
}

/// <summary>The kernels of <see cref="WeightTiles"/> for one kind of pairs without updates.</summary>
/// <param name="device">A card with bfloat16 tensor cores, or simulated warps.</param>
/// <param name="tokens">Where x is packed.</param>
/// <param name="warpgroups">Whether Hopper's products of four warps are used.</param>
internal sealed class WeightTilesLaunches<TPairs>(ComputeDevice device, TokenPacker tokens, bool warpgroups)
    : WeightTilesLaunches<TPairs, NoUpdates>(device, tokens, warpgroups) where TPairs : struct, IWeightPairs
{
    private readonly TokenPacker _tokens = tokens;

    /// <summary>One product: packs x, then multiplies.</summary>
    /// <param name="x">[rows, inner].</param>
    /// <param name="norm">What x goes through first, or null.</param>
    /// <param name="pairs">The weights and what becomes of their sums.</param>
    /// <param name="count">How many pairs.</param>
    /// <param name="rows">Rows of x: 1 to 256.</param>
    /// <param name="inner">Length of each sum.</param>
    /// <param name="plan">How it is spread over the device, or null for what suits it.</param>
    public void Run(Floats x, MatVecNorm? norm, TPairs pairs, int count, int rows, int inner, WeightTilesPlan? plan = null)
    {
        var packing = _tokens.Task(rows, inner, norm is not null);
        _tokens.Run(x, norm?.Gain, packing);
        Run(norm?.Epsilon, pairs, count, packing, default, plan);
    }
}

/// <summary>What a kernel of <see cref="WeightTiles"/> is compiled for.</summary>
/// <param name="Tokens">Of a tile.</param>
/// <param name="Terms">bfloat16 terms of an element.</param>
/// <param name="Splits">Groups of a cluster.</param>
/// <param name="Warpgroups">Whether four warps multiply together.</param>
/// <param name="ThroughMemory">Whether the groups that share columns are no cluster: their sums meet in global memory.</param>
internal readonly record struct WeightTilesKernel(int Tokens, int Terms, int Splits, bool Warpgroups, bool ThroughMemory = false)
{
    /// <summary>Of the ring; the sums of a cluster's groups fit, too.</summary>
    public int MemoryBytes => WeightTiles.Slots * PackedTokens.ChunkBytes(Tokens, Terms);
}
