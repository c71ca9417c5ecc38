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
    }

    /// <summary>Whether the kernels take a pass and projections that share their input; deep rows have no update.</summary>
    public static bool Takes(RowTable rows, params ReadOnlySpan<Projection> projections)
    {
        if (rows.Count <= MatVec.MaxRows || !BatchProducts.Takes(rows.Count, projections)) return false;
        if (rows.DeepCount == 0) return true;
        foreach (var projection in projections)
            if (projection.Lora is not null) return false;
        return true;
    }

    /// <summary>The residual stream is no longer what the last product made of it.</summary>
    public void StreamChanged() => _input.Forget();

    /// <summary>As <see cref="IOperations.NormProjectQkv"/>.</summary>
    public void NormProjectQkv(Floats x, LayerWeights layer, RowTable rows, QkvBuffers qkv)
    {
        _input.Prepare(x, layer.AttentionNorm, rows.Count);
        Run(
            "NormProjectQkv", Input(rows), _input.Squares, BatchStore.Replace, default, Target(layer.Query, rows, qkv.Query),
            Target(layer.Key, rows, qkv.Key), Target(layer.Value, rows, qkv.Value));
    }

    /// <summary>As <see cref="IOperations.NormGateUp"/>.</summary>
    public void NormGateUp(Floats x, LayerWeights layer, RowTable rows, Activations activated)
    {
        _input.Prepare(x, layer.FfnNorm, rows.Count);
        var y = activated.FillBfloat16();
        var address = (ulong)y.LoadEffectiveAddressAsPtr();
        ShapeException.ThrowIfShorter(y, (long)rows.Count * layer.Gate.Weight.Rows, nameof(activated));
        ShapeException.ThrowIfDifferent(layer.Up.Weight.Rows, layer.Gate.Weight.Rows, "up rows");
        Run(
            "NormGateUp", Input(rows), _input.Squares, BatchStore.Gate, default, new TensorTarget(layer.Gate.Weight, address),
            new TensorTarget(layer.Up.Weight, address));
    }

    /// <summary>As <see cref="IOperations.ProjectAdd"/>.</summary>
    public void ProjectAdd(Activations input, Projection projection, RowTable rows, Floats x, FloatBuffer? nextNorm)
    {
        var read = input.Type == ElementType.Bf16 ? input.Bfloat16 : Narrowed(input, rows.Count);
        Run(
            "ProjectAdd", new Bfloat16Rows(read, input.Width, 0, rows.Count), squares: 0, BatchStore.Add, _input.For(x, nextNorm),
            Target(projection, rows, x));
    }

    /// <summary>Whether the kernels take the head: all rows want logits.</summary>
    public static bool Takes(RowTable rows, WeightMatrix head) =>
        rows.Count is > MatVec.MaxRows and <= BatchProduct.MaxTokens && rows.HeadCount == rows.Count && TensorProducts.Takes(head);

    /// <summary>As <see cref="NormHeadAccumulateMatVec.Run"/>, without the products themselves.</summary>
    public void NormHeadAccumulate(Floats x, HeadWeights head, RowTable rows, LogitsState logits)
    {
        ShapeException.ThrowIfDifferent(head.Head.Rows, logits.Vocab, "a column of the head");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows.MaxSlot, logits.Slots);
        _input.Prepare(x, head.Norm, rows.Count);
        Run(
            "NormHeadAccumulate", Input(rows), _input.Squares, BatchStore.Logits, default,
            new BatchLogits(
                Address(rows.RowDepths), Address(rows.Slots), Address(logits.Accumulated), Address(logits.BucketMaxima)),
            new TensorTarget(head.Head, Y: 0));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _products.Dispose();
        _input.Dispose();
        _narrowed.Dispose();
    }

    private static TensorTarget Target(Projection projection, RowTable rows, Floats y)
    {
        ShapeException.ThrowIfShorter(y, (long)rows.Count * projection.Weight.Rows, nameof(y));
        return new TensorTarget(projection.Weight, (ulong)y.LoadEffectiveAddressAsPtr());
    }

    private Bfloat16Rows Input(RowTable rows) => new(_input.X, _shape.Hidden, 0, rows.Count);

    private static ulong Address<T>(ArrayView<T> view) where T : unmanaged => (ulong)view.LoadEffectiveAddressAsPtr();

    private void Run(string name, Bfloat16Rows x, ulong squares, BatchStore store, BatchNext next, params ReadOnlySpan<TensorTarget> targets) =>
        Run(name, x, squares, store, next, logits: default, targets);

    private void Run(
        string name, Bfloat16Rows x, ulong squares, BatchStore store, BatchNext next, BatchLogits logits, params ReadOnlySpan<TensorTarget> targets)
    {
        foreach (var target in targets) ShapeException.ThrowIfDifferent(target.Weight.Columns, x.Width, "weight columns");
        using var _ = _device.Profile(name, nameof(BatchProduct), BatchProducts.Work(x, store, targets));
        _products.Run(x, squares, _shape.Epsilon, store, next, targets, given: null, logits);
    }

    private Halves Narrowed(Activations input, int rows)
    {
        Halves narrowed = _narrowed.View;
        _copy.Narrow(input.Singles, narrowed, (long)rows * input.Width);
        return narrowed.SubView(0, (long)BatchProduct.MaxTokens * input.Width);
    }
}
