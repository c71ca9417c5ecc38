using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// CUDA, many rows of a model of bf16 weights: products on tensor cores, which read and hand on activations in bf16. The residual stream, q, k, v and
/// the sums of every product stay f32.
/// </summary>
internal sealed class CudaManyRows : IDisposable
{
    private readonly ModelShape _shape;
    private readonly int _maxRows;
    private readonly TensorProducts _products;
    private readonly CudaManyRowsLora _lora;
    private readonly RmsNormBfloat16 _norm;
    private readonly Bfloat16Copy _copy;
    private readonly SwiGluBfloat16 _swiGlu;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _normed;
    private readonly Lazy<MemoryBuffer1D<ushort, Stride1D.Dense>> _narrowed;
    private readonly Lazy<FloatBuffer> _gate;
    private readonly Lazy<FloatBuffer> _up;

    /// <summary>Prepares the kernels of one variant.</summary>
    /// <param name="device">Where they run.</param>
    /// <param name="variant">Which tensor cores it has.</param>
    /// <param name="shape">The model's sizes.</param>
    /// <param name="maxRows">Rows of the largest pass.</param>
    public CudaManyRows(ComputeDevice device, MatMulVariant variant, ModelShape shape, int maxRows)
    {
        (_shape, _maxRows) = (shape, maxRows);
        _products = TensorProducts.Create(device, variant);
        (_norm, _copy, _swiGlu) = (new RmsNormBfloat16(device), new Bfloat16Copy(device), new SwiGluBfloat16(device));
        _lora = new CudaManyRowsLora(device, _products, _copy, maxRows);
        _normed = device.Accelerator.Allocate1D<ushort>((long)maxRows * shape.Hidden);
        _narrowed = new(() => device.Accelerator.Allocate1D<ushort>((long)maxRows * Math.Max(shape.Ffn, shape.Heads * shape.HeadDim)));
        _gate = new(() => device.AllocateFloats((long)maxRows * shape.Ffn));
        _up = new(() => device.AllocateFloats((long)maxRows * shape.Ffn));
    }

    /// <summary>Whether all weights suit tensor cores. Fewer rows than these are better served by kernels that stream the weights.</summary>
    public static bool Takes(RowTable rows, params ReadOnlySpan<Projection> projections)
    {
        if (rows.Count <= MatVec.MaxRows) return false;
        foreach (var projection in projections)
            if (!TensorProducts.Takes(projection.Weight)) return false;
        return true;
    }

    /// <summary>As <see cref="IOperations.NormProjectQkv"/>: one norm, one launch for the three products.</summary>
    public void NormProjectQkv(Floats x, LayerWeights layer, RowTable rows, QkvBuffers qkv)
    {
        var normed = Norm(x, layer.AttentionNorm, rows);
        _products.Run(
            normed, TensorStore.Replace, alpha: 1, Target(layer.Query, qkv.Query), Target(layer.Key, qkv.Key), Target(layer.Value, qkv.Value));
        _lora.Run(normed, layer.Query, qkv.Query, rows.DeepFrom);
        _lora.Run(normed, layer.Key, qkv.Key, rows.DeepFrom);
        _lora.Run(normed, layer.Value, qkv.Value, rows.DeepFrom);
    }

    /// <summary>As <see cref="IOperations.ProjectAdd"/>.</summary>
    public void ProjectAdd(Activations input, Projection projection, RowTable rows, Floats x)
    {
        var inputs = new Bfloat16Rows(input.Type == ElementType.Bf16 ? input.Bfloat16 : Narrowed(input, rows.Count), input.Width, 0, rows.Count);
        _products.Run(inputs, TensorStore.Add, alpha: 1, Target(projection, x));
        _lora.Run(inputs, projection, x, rows.DeepFrom);
    }

    /// <summary>As <see cref="IOperations.NormGateUp"/>: the activation is part of the product, except where LoRA comes in between.</summary>
    public void NormGateUp(Floats x, LayerWeights layer, RowTable rows, Activations activated)
    {
        var normed = Norm(x, layer.FfnNorm, rows);
        var h = activated.FillBfloat16();
        var gated = layer.Gate.Lora is null && layer.Up.Lora is null ? rows.Count : rows.DeepFrom;
        if (!_products.Gates) gated = 0;
        var address = (ulong)h.LoadEffectiveAddressAsPtr();
        if (gated > 0)
        {
            _products.Run(
                normed with { Count = gated }, TensorStore.Gated, alpha: 1, new TensorTarget(layer.Gate.Weight, address),
                new TensorTarget(layer.Up.Weight, address));
        }
        if (gated == rows.Count) return;
        var rest = normed with { From = gated, Count = rows.Count - gated };
        Floats gate = _gate.Value.View, up = _up.Value.View;
        _products.Run(rest, TensorStore.Replace, alpha: 1, Target(layer.Gate, gate), Target(layer.Up, up));
        _lora.Run(rest, layer.Gate, gate, rows.DeepFrom - gated);
        _lora.Run(rest, layer.Up, up, rows.DeepFrom - gated);
        _swiGlu.Run(gate, up, h.SubView((long)gated * _shape.Ffn), new SwiGluShape(rest.Count, _shape.Ffn));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lora.Dispose();
        _normed.Dispose();
        if (_narrowed.IsValueCreated) _narrowed.Value.Dispose();
        if (_gate.IsValueCreated) _gate.Value.Dispose();
        if (_up.IsValueCreated) _up.Value.Dispose();
    }

    private static TensorTarget Target(Projection projection, Floats y) => new(projection.Weight, (ulong)y.LoadEffectiveAddressAsPtr());

    private Bfloat16Rows Norm(Floats x, FloatBuffer weight, RowTable rows)
    {
        _norm.Run(x, weight.View, _normed.View, new RmsNormShape(rows.Count, _shape.Hidden, _shape.Epsilon));
        return new Bfloat16Rows(_normed.View, _shape.Hidden, 0, rows.Count);
    }

    private Halves Narrowed(Activations input, int rows)
    {
        Halves narrowed = _narrowed.Value.View;
        _copy.Narrow(input.Singles, narrowed, (long)rows * input.Width);
        return narrowed.SubView(0, (long)_maxRows * input.Width);
    }
}
