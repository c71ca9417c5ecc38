using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>What becomes of the sums of a batch's product.</summary>
internal enum BatchStore
{
    /// <summary>y is f32 and replaced.</summary>
    Replace,

    /// <summary>y is the residual stream and added to, and may be left for the next product.</summary>
    Add,

    /// <summary>Sums go into the slots of the rows, and their maxima into buckets.</summary>
    Logits,

    /// <summary>y is bf16 and becomes silu(first weight's product) * second weight's product.</summary>
    Gate,
}

/// <summary>What a kernel of <see cref="BatchProduct"/> is compiled for.</summary>
/// <param name="Tokens">16, 32, 64 or 128.</param>
/// <param name="Store">What becomes of the sums.</param>
/// <param name="Splits">Groups of a cluster.</param>
internal readonly record struct BatchProductKernel(int Tokens, BatchStore Store, int Splits);

/// <summary>Launches <see cref="BatchProduct"/>.</summary>
/// <param name="device">A Hopper card.</param>
internal sealed class BatchProducts(ComputeDevice device) : IDisposable
{
    /// <summary>Bytes that a group may ask for: what a Hopper card gives, less what the kernels have of a fixed size.</summary>
    public const int MostSharedBytes = (227 << 10) - 1024;

    private readonly TensorMaps _maps = new(device);
    private readonly Dictionary<BatchProductKernel, (Kernel Kernel, Launcher Launch)> _loaded = [];

    private delegate void Launcher(AcceleratorStream stream, KernelConfig config, BatchProductTask task);

    /// <summary>Threads of a group at the most.</summary>
    public static int MaxGroupSize => (BatchProduct.MaxBlocks * BatchProduct.WarpgroupSize) + BatchProduct.Fetchers;

    /// <summary>Whether the kernels take so many rows of x, and weights.</summary>
    public static bool Takes(int rows, params ReadOnlySpan<Projection> projections)
    {
        if (rows is <= 0 or > BatchProduct.MaxTokens) return false;
        foreach (var projection in projections)
            if (!TensorProducts.Takes(projection.Weight)) return false;
        return true;
    }

    /// <summary>One launch.</summary>
    /// <param name="x">The rows; their width is that of every weight.</param>
    /// <param name="squares">Where the sums of squares of x start if it is to be normalised, else 0.</param>
    /// <param name="epsilon">Of the norm.</param>
    /// <param name="store">What becomes of the sums.</param>
    /// <param name="next">What is left for the next product.</param>
    /// <param name="targets">One to three weights; for <see cref="BatchStore.Gate"/> two of one size.</param>
    /// <param name="given">How it is spread over the card, or null for what suits it.</param>
    /// <param name="logits">Where <see cref="BatchStore.Logits"/> go.</param>
    public void Run(
        Bfloat16Rows x, ulong squares, float epsilon, BatchStore store, BatchNext next, ReadOnlySpan<TensorTarget> targets,
        BatchProductPlan? given = null, BatchLogits logits = default)
    {
        var tokens = x.Count switch { <= 16 => 16, <= 32 => 32, <= 64 => 64, _ => BatchProduct.MaxTokens };
        var rowsOfBlock = store == BatchStore.Gate ? default(BatchGate).RowsOfBlock : BatchProduct.BlockRows;
        var weights = store == BatchStore.Gate ? targets[..1] : targets;
        Span<int> outers = stackalloc int[weights.Length];
        for (var i = 0; i < outers.Length; i++) outers[i] = weights[i].Weight.Rows;
        var plan = given ?? BatchProductPlan.Of(outers, x.Width, rowsOfBlock, tokens, device.Accelerator.NumMultiprocessors);
        Span<BatchWeight> tiled = [default, default, default];
        var tiles = 0;
        for (var i = 0; i < tiled.Length; i++)
        {
            tiled[i] = new BatchWeight(0, 0, 0, BatchProductTask.NoTile);
            if (i >= targets.Length) continue;
            var weight = targets[i].Weight;
            var counted = i < weights.Length;
            tiled[i] = new BatchWeight(
                _maps.Of(weight.Address, weight.Rows, weight.Columns, rowsOfBlock), targets[i].Y, weight.Rows, counted ? tiles : BatchProductTask.NoTile);
            if (counted) tiles += (weight.Rows + (plan.Blocks * rowsOfBlock) - 1) / (plan.Blocks * rowsOfBlock);
        }
        var slices = (x.Width + WgmmaProduct.Slice - 1) / WgmmaProduct.Slice;
        var task = new BatchProductTask(
            _maps.Of((ulong)x.Buffer.LoadEffectiveAddressAsPtr(), x.Buffer.Length / x.Width, x.Width, tokens), x.From, x.Count, tiles, x.Width,
            plan.Splits, (slices + plan.Splits - 1) / plan.Splits, plan.Blocks, plan.WeightSlots, plan.TokenSlots, squares, epsilon, next, logits,
            tiled[0], tiled[1], tiled[2]);
        Launch(new BatchProductKernel(tokens, store, plan.Splits), plan, task);
    }

    /// <summary>What a launch has to do at the least.</summary>
    public static KernelWork Work(Bfloat16Rows x, BatchStore store, ReadOnlySpan<TensorTarget> targets)
    {
        var outer = 0;
        foreach (var target in targets) outer += target.Weight.Rows;
        // Bytes of y for each sum: read and written, or written, or half a bf16.
        var bytes = store switch { BatchStore.Add => 8, BatchStore.Replace or BatchStore.Logits => 4, _ => 1 };
        var operands = sizeof(ushort) * (long)x.Width * (x.Count + outer);
        return new KernelWork(operands + ((long)bytes * x.Count * outer), new MatMulShape(x.Count, x.Width, outer).Flops, x.Count, x.Width, outer);
    }

    /// <inheritdoc/>
    public void Dispose() => _maps.Dispose();

    /// <summary>The kernel, generic arguments filled in.</summary>
    internal static MethodInfo Method(BatchProductKernel kernel) => kernel.Tokens switch
    {
        16 => Method<BatchTokens16>(kernel.Store),
        32 => Method<BatchTokens32>(kernel.Store),
        64 => Method<BatchTokens64>(kernel.Store),
        _ => Method<BatchTokens128>(kernel.Store),
    };

    private static MethodInfo Method<TTokens>(BatchStore store) where TTokens : struct, IBatchTokens => store switch
    {
        BatchStore.Replace => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, BatchRows<ReplaceQuad>>).Method,
        BatchStore.Add => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, BatchRows<AddQuad>>).Method,
        BatchStore.Logits => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, BatchHead>).Method,
        _ => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, BatchGate>).Method,
    };

    private void Launch(BatchProductKernel key, BatchProductPlan plan, BatchProductTask task)
    {
        var bytes = plan.MemoryBytes(key.Tokens);
        if (!_loaded.TryGetValue(key, out var loaded))
        {
            var kernel = PtxLoader.Load(device, Method(key), new KernelSpecialization(MaxGroupSize, 1), key.Splits);
            PtxLoader.AllowSharedMemory(kernel, MostSharedBytes);
            _loaded[key] = loaded = (kernel, kernel.CreateLauncherDelegate<Launcher>());
        }
        loaded.Launch(
            device.Accelerator.DefaultStream,
            new KernelConfig(
                task.Tiles * plan.Splits, (plan.Blocks * BatchProduct.WarpgroupSize) + BatchProduct.Fetchers,
                SharedMemoryConfig.RequestDynamic<float>(bytes / sizeof(float))),
            task);
    }
}
