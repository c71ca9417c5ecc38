using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>The operations of a batch that run as <see cref="BatchProduct"/>, and the bf16 rows that they hand on to each other.</summary>
/// <remarks>
/// Who adds to the residual stream leaves it for the norm behind (<see cref="BatchInput"/>); whoever else changes the stream says so to
/// <see cref="StreamChanged"/>.
/// </remarks>
internal sealed class BatchOperations : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly ModelShape _shape;
    private readonly BatchProducts _products;
    private readonly BatchInput _input;
    private readonly Bfloat16Copy _copy;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _narrowed;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _reduced;

    /// <summary>Allocates the rows.</summary>
    /// <param name="device">A Hopper card.</param>
    /// <param name="shape">The model's sizes.</param>
    public BatchOperations(ComputeDevice device, ModelShape shape)
    {
        (_device, _shape) = (device, shape);
        _products = new BatchProducts(device);
        _input = new BatchInput(device, shape.Hidden);
        _copy = new Bfloat16Copy(device);
        _narrowed = device.Accelerator.Allocate1D<ushort>((long)BatchProduct.MaxTokens * Math.Max(shape.Ffn, shape.Heads * shape.HeadDim));
        _reduced = device.Accelerator.Allocate1D<ushort>((long)BatchProduct.MaxTokens * BatchReduce.Width);
        _reduced.MemSetToZero(device.Accelerator.DefaultStream); // what a sum of zeros is made of has to be numbers
    }

    /// <summary>Whether a device has the instructions.</summary>
    public static bool Serves(ComputeDevice device) => device.Generation == CudaGeneration.Hopper;

    /// <summary>
    /// Whether the kernels take a pass and projections that share their input: if rows are deep, none of them has an update, or all have one that
    /// fits a slice.
    /// </summary>
    public static bool Takes(RowTable rows, params ReadOnlySpan<Projection> projections)
    {
        if (rows.Count is <= MatVec.MaxRows or > BatchProduct.MaxTokens) return false;
        foreach (var projection in projections)
            if (!TensorProducts.Takes(projection.Weight)) return false;
        if (!Updates(rows, projections)) return true;
        foreach (var projection in projections)
        {
            if (projection.Lora is not { A.Rows: <= WgmmaProduct.Slice } pair) return false;
            if (!TensorProducts.Takes(pair.A) || !TensorProducts.Takes(pair.B)) return false;
        }
        return true;
    }

    /// <summary>Whether the kernels take the head: all rows want logits.</summary>
    public static bool Takes(RowTable rows, WeightMatrix head) =>
        rows.Count is > MatVec.MaxRows and <= BatchProduct.MaxTokens && rows.HeadCount == rows.Count && TensorProducts.Takes(head);

    /// <summary>The residual stream is no longer what the last product made of it.</summary>
    public void StreamChanged() => _input.Forget();

    /// <summary>As <see cref="IOperations.NormProjectQkv"/>.</summary>
    public void NormProjectQkv(Floats x, LayerWeights layer, RowTable rows, QkvBuffers qkv)
    {
        _input.Prepare(x, layer.AttentionNorm, rows.Count);
        ReadOnlySpan<Projection> projections = [layer.Query, layer.Key, layer.Value];
        Run(
            "NormProjectQkv", rows, Normed(rows, BatchStore.Replace), projections,
            Address(qkv.Query, rows, layer.Query), Address(qkv.Key, rows, layer.Key), Address(qkv.Value, rows, layer.Value));
    }

    /// <summary>As <see cref="IOperations.NormGateUp"/>.</summary>
    public void NormGateUp(Floats x, LayerWeights layer, RowTable rows, Activations activated)
    {
        _input.Prepare(x, layer.FfnNorm, rows.Count);
        var y = Address(activated.FillBfloat16(), rows, layer.Gate);
        Run("NormGateUp", rows, Normed(rows, BatchStore.Gate), [layer.Gate, layer.Up], y, y);
    }

    /// <summary>As <see cref="IOperations.ProjectAdd"/>.</summary>
    public void ProjectAdd(Activations input, Projection projection, RowTable rows, Floats x, FloatBuffer? nextNorm)
    {
        var read = input.Type == ElementType.Bf16 ? input.Bfloat16 : Narrowed(input, rows.Count);
        var call = new BatchCall(new Bfloat16Rows(read, input.Width, 0, rows.Count), BatchStore.Add) { Next = _input.For(x, nextNorm) };
        Run("ProjectAdd", rows, call, [projection], Address(x, rows, projection));
    }

    /// <summary>As <see cref="NormHeadAccumulateMatVec.Run"/>, without the products themselves.</summary>
    public void NormHeadAccumulate(Floats x, HeadWeights head, RowTable rows, LogitsState logits)
    {
        ShapeException.ThrowIfDifferent(head.Head.Rows, logits.Vocab, "a column of the head");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows.MaxSlot, logits.Slots);
        _input.Prepare(x, head.Norm, rows.Count);
        var target = new BatchLogits(Address(rows.RowDepths), Address(rows.Slots), Address(logits.Accumulated), Address(logits.BucketMaxima));
        Run("NormHeadAccumulate", Normed(rows, BatchStore.Logits) with { Logits = target }, new BatchTarget(head.Head, Y: 0));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _input.Dispose();
        _narrowed.Dispose();
        _reduced.Dispose();
    }

    private static bool Updates(RowTable rows, ReadOnlySpan<Projection> projections)
    {
        if (rows.DeepCount == 0) return false;
        foreach (var projection in projections)
            if (projection.Lora is not null) return true;
        return false;
    }

    private static ulong Address<T>(ArrayView<T> view) where T : unmanaged => (ulong)view.LoadEffectiveAddressAsPtr();

    private static ulong Address<T>(ArrayView<T> y, RowTable rows, Projection projection) where T : unmanaged
    {
        ShapeException.ThrowIfShorter(y, (long)rows.Count * projection.Weight.Rows, nameof(y));
        return Address(y);
    }

    private BatchCall Normed(RowTable rows, BatchStore store) =>
        new(new Bfloat16Rows(_input.X, _shape.Hidden, 0, rows.Count), store) { Squares = _input.Squares, Epsilon = _shape.Epsilon };

    /// <summary>The products of projections, with their updates if rows are deep: then a launch before makes the reduced inputs.</summary>
    private void Run(string name, RowTable rows, BatchCall call, ReadOnlySpan<Projection> projections, params ReadOnlySpan<ulong> ys)
    {
        var updates = Updates(rows, projections);
        Span<BatchTarget> room = [default, default, default];
        var targets = room[..projections.Length];
        if (updates)
        {
            var reduced = Address<ushort>(_reduced.View);
            for (var i = 0; i < targets.Length; i++)
            {
                var pair = projections[i].Lora!;
                targets[i] = new BatchTarget(pair.A, reduced + (ulong)(i * WgmmaProduct.Slice * sizeof(ushort)), Scale: pair.Scale);
            }
            // Of a norm x has the gain only: the product behind scales each row, and the update with it.
            Run("Lora", new BatchCall(call.X, BatchStore.Reduce) { DeepFrom = rows.DeepFrom }, targets);
            call = call with { Reduced = _reduced.View, DeepFrom = rows.DeepFrom };
        }
        for (var i = 0; i < targets.Length; i++) targets[i] = new BatchTarget(projections[i].Weight, ys[i], updates ? projections[i].Lora!.B : null);
        Run(name, call, targets);
    }

    private void Run(string name, BatchCall call, params ReadOnlySpan<BatchTarget> targets)
    {
        using var _ = _device.Profile(name, nameof(BatchProduct), BatchProducts.Work(call, targets));
        _products.Run(call, targets);
    }

    private Halves Narrowed(Activations input, int rows)
    {
        Halves narrowed = _narrowed.View;
        _copy.Narrow(input.Singles, narrowed, (long)rows * input.Width);
        return narrowed.SubView(0, (long)BatchProduct.MaxTokens * input.Width);
    }
}
