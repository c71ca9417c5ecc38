using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// Hopper, 9 to 128 rows: the decider on tensor cores, weights and activations as two bf16 parts of each number, which is sixteen bits. A launch a
/// layer; bias, GELU and the parts for the next layer are part of the product.
/// </summary>
internal sealed class DeciderBatch : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly DeciderModel _model;
    private readonly int _features;
    private readonly BatchProducts _products;
    private readonly Dictionary<DeciderLinear, WeightMatrix> _weights = [];
    private readonly List<IDisposable> _owned = [];
    private readonly Halves _combined, _top, _normed, _expanded;
    private readonly FloatBuffer _x;
    private readonly Action<AcceleratorStream, KernelConfig, DeciderBatchInput, ulong, ulong, DeciderBatchSize> _collect;
    private readonly Action<AcceleratorStream, KernelConfig, ulong, ulong, ulong, ulong, LayerNormShape> _norm;

    /// <summary>Allocates activations and makes the parts of the weights.</summary>
    /// <param name="device">A Hopper card.</param>
    /// <param name="model">A decider that <see cref="Takes"/> says yes to.</param>
    /// <param name="features">Elements of all hidden states together.</param>
    public DeciderBatch(ComputeDevice device, DeciderModel model, int features)
    {
        (_device, _model, _features) = (device, model, features);
        _products = Own(new BatchProducts(device));
        _collect = Kernel(DeciderPartsKernels.Collect)
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, DeciderBatchInput, ulong, ulong, DeciderBatchSize>>();
        _norm = Kernel(DeciderPartsKernels.Norm)
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong, ulong, ulong, ulong, LayerNormShape>>();
        int width = model.Input.Weight.Rows, inner = model.Blocks.Select(block => block.Expand.Weight.Rows).DefaultIfEmpty(0).Max();
        _combined = Parts(model.Combined.Weight.Columns);
        _top = Parts(Slices(model.TopK) * WgmmaProduct.Slice);
        _normed = Parts(Math.Max(width, model.Combined.Weight.Rows));
        _expanded = Parts(Math.Max(inner, WgmmaProduct.Slice));
        _x = Own(device.AllocateFloats((long)BatchProduct.MaxTokens * width));
        var split = Kernel(DeciderPartsKernels.Split).CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Floats, ulong, DeciderSplit>>();
        foreach (var layer in Layers(model)) _weights[layer] = Split(split, layer.Weight);
    }

    /// <summary>
    /// Whether the kernels take a decider: up to eight hidden states as they are and at multiples of 16 bytes, logits as they are, shortcuts that are
    /// the identity, and widths of whole slices.
    /// </summary>
    public static bool Takes(DeciderModel model, int features, IReadOnlyList<Floats> hidden) =>
        !model.NormalizeInput && model.HiddenNorm is null && hidden.Count <= DeciderBatchInput.MostStates && features / hidden.Count % 4 == 0
        && DeciderStates.StartAtWords(hidden) && model.Output.Weight.Rows == 1 && model.LogitsProjection.Weight.Rows % WgmmaProduct.Slice == 0
        && model.Blocks.All(block => block.DimChange is null && block.Contract.Weight.Rows == model.Input.Weight.Rows)
        && Layers(model).All(layer => layer == model.LogitsProjection || layer.Weight.Columns % WgmmaProduct.Slice == 0)
        && Layers(model).All(layer => layer == model.Output || layer.Weight.Rows % 8 == 0);

    /// <summary>As <see cref="DeciderMlp.Run"/>.</summary>
    public void Run(IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, int headRows, Floats decisions)
    {
        int combined = _model.Combined.Weight.Columns, topWidth = Slices(_model.TopK) * WgmmaProduct.Slice;
        ulong State(int i) => i < hidden.Count ? Address(hidden[i]) : 0;
        var size = new DeciderBatchSize(headRows, _features / hidden.Count, _features, combined, _model.TopK, topWidth, keptTopK);
        using (_device.Profile("DeciderInput", nameof(DeciderBatch), Moved(headRows, _features + topWidth)))
        {
            _collect(
                _device.Accelerator.DefaultStream, Threads(headRows * (_features + topWidth) / 4),
                new DeciderBatchInput(State(0), State(1), State(2), State(3), State(4), State(5), State(6), State(7), rowOf, slotOf, topValues),
                Address(_combined), Address(_top), size);
        }
        Linear(_top, topWidth, _model.LogitsProjection, headRows, parts: _combined.SubView(_features), pitch: combined);
        Linear(_combined, combined, _model.Combined, headRows, parts: _normed, pitch: _model.Combined.Weight.Rows);
        Linear(_normed, _model.Input.Weight.Columns, _model.Input, headRows, y: _x.View);
        foreach (var block in _model.Blocks)
        {
            Norm(block.Norm, headRows);
            Linear(_normed, block.Expand.Weight.Columns, block.Expand, headRows, parts: _expanded, pitch: block.Expand.Weight.Rows, gelu: true);
            Linear(_expanded, block.Contract.Weight.Columns, block.Contract, headRows, y: _x.View, accumulate: true);
        }
        Norm(_model.OutputNorm, headRows);
        Linear(_normed, _model.Output.Weight.Columns, _model.Output, headRows, y: decisions);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
    }

    private static IEnumerable<DeciderLinear> Layers(DeciderModel model) =>
    [
        model.LogitsProjection, model.Combined, model.Input, .. model.Blocks.SelectMany(block => (DeciderLinear[])[block.Expand, block.Contract]),
        model.Output,
    ];

    private static int Slices(int columns) => (columns + WgmmaProduct.Slice - 1) / WgmmaProduct.Slice;

    private static ulong Address<T>(ArrayView<T> view) where T : unmanaged => (ulong)view.LoadEffectiveAddressAsPtr();

    private static KernelConfig Threads(int count) =>
        new((count + DeciderPartsKernels.GroupSize - 1) / DeciderPartsKernels.GroupSize, DeciderPartsKernels.GroupSize);

    private static KernelWork Moved(int rows, int width) => new(2L * rows * width * sizeof(float), 0, rows, width);

    private Kernel Kernel(Delegate kernel) =>
        PtxLoader.Load(_device, kernel.Method, new KernelSpecialization(DeciderPartsKernels.GroupSize, null));

    private void Norm(DeciderNorm norm, int rows)
    {
        const int RowsOfGroup = DeciderPartsKernels.GroupSize / MatVec.WarpSize;
        var width = _model.Input.Weight.Rows;
        using var _ = _device.Profile(nameof(LayerNorm), nameof(DeciderBatch), Moved(rows, width));
        _norm(
            _device.Accelerator.DefaultStream, new KernelConfig((rows + RowsOfGroup - 1) / RowsOfGroup, DeciderPartsKernels.GroupSize),
            (ulong)_x.NativePtr, (ulong)norm.Weight.NativePtr, (ulong)norm.Bias.NativePtr, Address(_normed),
            new LayerNormShape(rows, width, DeciderNorm.Epsilon));
    }

    /// <summary>One layer, its results as f32, as parts, or as both.</summary>
    private void Linear(
        Halves x, int width, DeciderLinear layer, int rows, Floats? y = null, Halves? parts = null, int pitch = 0, bool accumulate = false,
        bool gelu = false)
    {
        var weight = _weights[layer];
        var call = new BatchCall(new Bfloat16Rows(x.SubView(0, 2L * width * BatchProduct.MaxTokens), 2 * width, 0, rows), BatchStore.Linear)
        {
            Parts = new BatchParts(
                width / WgmmaProduct.Slice, layer.Weight.Rows, (ulong)layer.Bias.NativePtr, parts is { } target ? Address(target) : 0, 2 * pitch,
                pitch, accumulate ? 1 : 0, gelu ? 1 : 0),
        };
        var product = new MatMulShape(rows, layer.Weight.Columns, layer.Weight.Rows);
        using var _ = _device.Profile(nameof(MatMul), nameof(DeciderBatch), product.Work(ElementType.F32));
        _products.Run(call, [new BatchTarget(weight, y is { } sums ? Address(sums) : 0)]);
    }

    private WeightMatrix Split(Action<AcceleratorStream, KernelConfig, Floats, ulong, DeciderSplit> split, WeightMatrix weight)
    {
        var size = new DeciderSplit(weight.Rows, weight.Columns, (weight.Rows + 7) / 8 * 8, Slices(weight.Columns) * WgmmaProduct.Slice);
        var parts = Own(WeightMatrix.Allocate(_device, ElementType.Bf16, size.PaddedRows, 2 * size.Width));
        split(_device.Accelerator.DefaultStream, Threads(size.PaddedRows * size.Width / 4), weight.Singles, parts.Address, size);
        return parts;
    }

    private Halves Parts(int width)
    {
        var buffer = Own(_device.Accelerator.Allocate1D<ushort>(2L * BatchProduct.MaxTokens * width));
        buffer.MemSetToZero(_device.Accelerator.DefaultStream);
        return buffer.View;
    }

    private T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
