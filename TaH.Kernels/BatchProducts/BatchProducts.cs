using System.Numerics;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Launches <see cref="BatchProduct"/>.</summary>
/// <param name="device">A Hopper card.</param>
internal sealed class BatchProducts(ComputeDevice device)
{
    /// <summary>Bytes that a group may ask for: what a Hopper card gives, less what the kernels have of a fixed size.</summary>
    public const int MostSharedBytes = (227 << 10) - 1024;

    private readonly TensorMaps _maps = device.TensorMaps;
    private readonly Dictionary<BatchProductKernel, Launcher> _launchers = [];

    private delegate void Launcher(AcceleratorStream stream, KernelConfig config, BatchProductTask task);

    /// <summary>Threads of a group at the most.</summary>
    public static int MaxGroupSize => (BatchProduct.MaxBlocks * BatchProduct.WarpgroupSize) + BatchProduct.Fetchers;

    /// <summary>One launch.</summary>
    /// <param name="call">What is multiplied and what becomes of it.</param>
    /// <param name="targets">One to three weights of the width of x; for <see cref="BatchStore.Gate"/> two of one size.</param>
    /// <param name="given">How it is spread over the card, or null for what suits it.</param>
    /// <exception cref="ArgumentOutOfRangeException">No rows, or more than <see cref="BatchProduct.MaxTokens"/>.</exception>
    /// <exception cref="ShapeException">x is too short, a weight is not as wide as x, or gated weights differ in rows.</exception>
    /// <exception cref="NotSupportedException">A weight is one that <see cref="TensorProducts.Takes"/> says no to.</exception>
    /// <exception cref="ArgumentException">The given plan has too few slots for the slices.</exception>
    public void Run(BatchCall call, ReadOnlySpan<BatchTarget> targets, BatchProductPlan? given = null)
    {
        Check(call, targets);
        var (x, store) = (call.X, call.Store);
        var tokens = x.Count switch { <= 16 => 16, <= 32 => 32, <= 64 => 64, _ => BatchProduct.MaxTokens };
        var rowsOfBlock = store == BatchStore.Gate ? default(RowsOfTwo).RowsOfBlock : default(NeighbouringRows).RowsOfBlock;
        var weights = store == BatchStore.Gate ? targets[..1] : targets;
        Span<int> outers = stackalloc int[weights.Length];
        for (var i = 0; i < outers.Length; i++) outers[i] = weights[i].Weight.Rows;
        var updateSlices = call.UpdateSlices;
        var plan = given ?? BatchProductPlan.Of(outers, call.Slices, updateSlices, rowsOfBlock, tokens, device.Accelerator.NumMultiprocessors);
        if (store == BatchStore.Reduce) plan = plan with { Blocks = 1 };
        if (!plan.HasSlotsFor(call.Slices, updateSlices)) throw new ArgumentException($"{plan} has too few slots", nameof(given));
        Span<BatchWeight> tiled = [BatchWeight.None, BatchWeight.None, BatchWeight.None];
        var tiles = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            var counted = i < weights.Length;
            tiled[i] = Of(targets[i], rowsOfBlock, counted ? tiles : BatchProductTask.NoTile);
            if (counted) tiles += (targets[i].Weight.Rows + (plan.Blocks * rowsOfBlock) - 1) / (plan.Blocks * rowsOfBlock);
        }
        var updates = call.Reduced is { } reduced
            ? new BatchUpdates(updateSlices, Map(reduced, BatchReduce.Width, tokens), call.DeepFrom)
            : new BatchUpdates(0, 0, call.DeepFrom);
        var task = new BatchProductTask(
            Map(x.Buffer, x.Width, tokens), x.From, x.Count, tiles, x.Width, plan.Splits, (call.Slices + plan.Splits - 1) / plan.Splits,
            BitOperations.Log2((uint)(tokens / plan.Splits)), plan.Blocks, plan.WeightSlots, plan.TokenSlots, call.Squares, call.Epsilon, call.Next,
            call.Logits, updates, call.Parts, tiled[0], tiled[1], tiled[2]);
        Launch(new BatchProductKernel(tokens, store, plan.Splits), plan, task);
    }

    /// <summary>What a launch has to do at the least.</summary>
    public static KernelWork Work(BatchCall call, ReadOnlySpan<BatchTarget> targets)
    {
        var (x, outer, updates) = (call.X, 0, 0L);
        foreach (var target in targets)
        {
            outer += target.Weight.Rows;
            updates += target.Update?.Length ?? 0;
        }
        // Bytes of y for each sum: read and written, or written, or a bf16, or half of one.
        var bytes = call.Store switch { BatchStore.Add => 8, BatchStore.Gate => 1, BatchStore.Reduce => 2, _ => 4 };
        var operands = sizeof(ushort) * (((long)x.Width * (x.Count + outer)) + updates);
        var flops = new MatMulShape(x.Count, x.Width, outer).Flops + (2L * (x.Count - call.DeepFrom) * updates);
        return new KernelWork(operands + ((long)bytes * x.Count * outer), flops, x.Count, x.Width, outer);
    }

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
        BatchStore.Replace => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, NeighbouringRows, BatchRows<ReplacingQuad>>).Method,
        BatchStore.Add => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, NeighbouringRows, BatchRows<ResidualQuad>>).Method,
        BatchStore.Linear => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, NeighbouringRows, BatchLinear>).Method,
        BatchStore.Reduce => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, NeighbouringRows, BatchReduce>).Method,
        BatchStore.Logits => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, NeighbouringRows, BatchHead>).Method,
        _ => ((Action<BatchProductTask>)BatchProduct.Run<TTokens, RowsOfTwo, BatchGate>).Method,
    };

    private static void Check(BatchCall call, ReadOnlySpan<BatchTarget> targets)
    {
        var x = call.X;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(x.Count, nameof(call));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(x.Count, BatchProduct.MaxTokens, nameof(call));
        ShapeException.ThrowIfShorter(x.Buffer, ((long)x.From + x.Count) * x.Width, nameof(x));
        foreach (var target in targets)
        {
            if (!TensorProducts.Takes(target.Weight)) throw new NotSupportedException("batches multiply bf16 weights whose sizes are multiples of 8");
            ShapeException.ThrowIfDifferent(target.Weight.Columns, x.Width, "weight columns");
        }
        if (call.Store == BatchStore.Gate) ShapeException.ThrowIfDifferent(targets[1].Weight.Rows, targets[0].Weight.Rows, "up rows");
    }

    private BatchWeight Of(BatchTarget target, int rowsOfBlock, int firstTile)
    {
        ulong MapOf(WeightMatrix matrix) => _maps.Of(matrix.Address, matrix.Rows, matrix.Columns, rowsOfBlock);
        return new BatchWeight(
            MapOf(target.Weight), target.Y, target.Weight.Rows, firstTile, target.Update is { } update ? MapOf(update) : 0, target.Scale);
    }

    private ulong Map(Halves rows, int width, int tokens) =>
        _maps.Of((ulong)rows.LoadEffectiveAddressAsPtr(), rows.Length / width, width, tokens);

    private void Launch(BatchProductKernel key, BatchProductPlan plan, BatchProductTask task)
    {
        var bytes = plan.MemoryBytes(key.Tokens);
        if (!_launchers.TryGetValue(key, out var launch))
        {
            var kernel = PtxLoader.Load(device, Method(key), new KernelSpecialization(MaxGroupSize, 1), key.Splits);
            PtxLoader.AllowSharedMemory(kernel, MostSharedBytes);
            _launchers[key] = launch = kernel.CreateLauncherDelegate<Launcher>();
        }
        launch(
            device.Accelerator.DefaultStream,
            new KernelConfig(
                task.Tiles * plan.Splits, (plan.Blocks * BatchProduct.WarpgroupSize) + BatchProduct.Fetchers,
                SharedMemoryConfig.RequestDynamic<float>(bytes / sizeof(float))),
            task);
    }
}
