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
    private readonly Dictionary<DeciderLinear, BatchLayer> _layers = [];
    private readonly BatchLayer _first;
    private readonly List<IDisposable> _owned = [];
    private readonly Halves _input, _normed, _expanded;
    private readonly FloatBuffer _x;
    private readonly Action<AcceleratorStream, KernelConfig, DeciderStates, ulong, DeciderInputSize> _collect;
    private readonly Action<AcceleratorStream, KernelConfig, ulong, ulong, ulong, ulong, LayerNormShape> _norm;
    private readonly Action<AcceleratorStream, KernelConfig, ulong, ulong, ulong, ulong, ulong, ulong, LayerNormShape> _judge;

    /// <summary>Allocates activations and makes the parts of the weights.</summary>
    /// <param name="device">A Hopper card.</param>
    /// <param name="model">A decider that <see cref="Takes"/> says yes to.</param>
    /// <param name="features">Elements of all hidden states together.</param>
    public DeciderBatch(ComputeDevice device, DeciderModel model, int features)
    {
        (_device, _model, _features) = (device, model, features);
        _products = new BatchProducts(device);
        _collect = Kernel(DeciderPartsKernels.Collect)
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, DeciderStates, ulong, DeciderInputSize>>();
        _norm = Kernel(DeciderPartsKernels.Norm)
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong, ulong, ulong, ulong, LayerNormShape>>();
        _judge = Kernel(DeciderPartsKernels.Judge)
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong, ulong, ulong, ulong, ulong, ulong, LayerNormShape>>();
        var split = Kernel(DeciderPartsKernels.Split).CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Floats, ulong, DeciderSplit>>();
        var fold = Own(new DeciderFold(device, model, features));
        _first = Split(split, fold.Weight, fold.Outer, fold.Inner, fold.Bias);
        foreach (var layer in Layers(model))
            _layers[layer] = Split(split, layer.Weight.Singles, layer.Weight.Rows, layer.Weight.Columns, layer.Bias.View);
        int width = model.Input.Weight.Rows, inner = model.Blocks.Select(block => block.Expand.Weight.Rows).DefaultIfEmpty(0).Max();
        _input = Parts(_first.Width);
        _normed = Parts(width);
        _expanded = Parts(Math.Max(inner, WgmmaProduct.Slice));
        _x = Own(device.AllocateFloats((long)BatchProduct.MaxTokens * width));
    }

    /// <summary>
    /// Whether the kernels take a decider: up to eight hidden states as they are and at multiples of 16 bytes, logits as they are, shortcuts that are
    /// the identity, and widths of whole slices.
    /// </summary>
    public static bool Takes(DeciderModel model, int features, IReadOnlyList<Floats> hidden) =>
        !model.NormalizeInput && model.HiddenNorm is null && hidden.Count <= DeciderStates.Most && features / hidden.Count % 4 == 0
        && DeciderStates.StartAtWords(hidden) && model.Output.Weight.Rows == 1 && model.Input.Weight.Rows % WgmmaProduct.Slice == 0
        && model.Blocks.All(block => block.DimChange is null && block.Contract.Weight.Rows == model.Input.Weight.Rows)
        && model.Output.Weight.Columns == model.Input.Weight.Rows
        && Layers(model).All(layer => layer.Weight.Columns % WgmmaProduct.Slice == 0 && layer.Weight.Rows % 8 == 0);

    /// <summary>As <see cref="DeciderMlp.Run"/>.</summary>
    public void Run(IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, int headRows, Floats decisions)
    {
        ulong State(int i) => i < hidden.Count ? Address(hidden[i]) : 0;
        var states = new DeciderStates(
            rowOf, slotOf, topValues, keptTopK, _model.TopK, _features / hidden.Count, State(0), State(1), State(2), State(3), State(4), State(5));
        var size = new DeciderInputSize(headRows, _features, _first.Width, _first.Parts.Address, _first.Parts.ByteCount);
        using (_device.Profile("DeciderInput", nameof(DeciderBatch), Moved(headRows, _first.Width)))
            _collect(_device.Accelerator.DefaultStream, Threads(headRows * _first.Width / 4), states, Address(_input), size);
        Linear(_input, _first, headRows, y: _x.View);
        foreach (var block in _model.Blocks)
        {
            Norm(block.Norm, headRows);
            Linear(_normed, _layers[block.Expand], headRows, parts: _expanded, gelu: true);
            Linear(_expanded, _layers[block.Contract], headRows, y: _x.View, accumulate: true);
        }
        Judge(headRows, decisions);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
    }

    // Behind the first product, which is made of three layers, and in front of the output.
    private static IEnumerable<DeciderLinear> Layers(DeciderModel model) =>
        model.Blocks.SelectMany(block => (DeciderLinear[])[block.Expand, block.Contract]);

    private static ulong Address<T>(ArrayView<T> view) where T : unmanaged => (ulong)view.LoadEffectiveAddressAsPtr();

    private static KernelConfig Threads(int count) =>
        new((count + DeciderPartsKernels.GroupSize - 1) / DeciderPartsKernels.GroupSize, DeciderPartsKernels.GroupSize);

    private static KernelWork Moved(int rows, int width) => new(2L * rows * width * sizeof(float), 0, rows, width);

    private Kernel Kernel(Delegate kernel) =>
        PtxLoader.Load(_device, kernel.Method, new KernelSpecialization(DeciderPartsKernels.GroupSize, null));

    private void Norm(DeciderNorm norm, int rows)
    {
        var shape = NormShape(rows);
        using var _ = _device.Profile(nameof(LayerNorm), nameof(DeciderBatch), Moved(rows, shape.Width));
        _norm(
            _device.Accelerator.DefaultStream, WarpsOf(rows), (ulong)_x.NativePtr, (ulong)norm.Weight.NativePtr, (ulong)norm.Bias.NativePtr,
            Address(_normed), shape);
    }

    /// <summary>The last norm and the output.</summary>
    private void Judge(int rows, Floats decisions)
    {
        var (norm, output, shape) = (_model.OutputNorm, _model.Output, NormShape(rows));
        using var _ = _device.Profile(nameof(LayerNorm), nameof(DeciderBatch), Moved(rows, shape.Width));
        _judge(
            _device.Accelerator.DefaultStream, WarpsOf(rows), (ulong)_x.NativePtr, (ulong)norm.Weight.NativePtr, (ulong)norm.Bias.NativePtr,
            Address(output.Weight.Singles), (ulong)output.Bias.NativePtr, Address(decisions), shape);
    }

    private LayerNormShape NormShape(int rows) => new(rows, _model.Input.Weight.Rows, DeciderNorm.Epsilon);

    private static KernelConfig WarpsOf(int rows) => Threads(rows * MatVec.WarpSize);

    /// <summary>One layer, its results added to or put into y, or as parts.</summary>
    private void Linear(Halves x, BatchLayer layer, int rows, Floats? y = null, Halves? parts = null, bool accumulate = false, bool gelu = false)
    {
        var input = new Bfloat16Rows(x.SubView(0, 2L * layer.Width * BatchProduct.MaxTokens), 2 * layer.Width, 0, rows);
        var call = new BatchCall(input, BatchStore.Linear)
        {
            Parts = new BatchParts(
                layer.Width / WgmmaProduct.Slice, layer.Outer, layer.Bias, parts is { } target ? Address(target) : 0, 2 * layer.Outer, layer.Outer,
                accumulate ? 1 : 0, gelu ? 1 : 0),
        };
        using var _ = _device.Profile(nameof(MatMul), nameof(DeciderBatch), new MatMulShape(rows, layer.Inner, layer.Outer).Work(ElementType.F32));
        _products.Run(call, [new BatchTarget(layer.Parts, y is { } sums ? Address(sums) : 0)]);
    }

    private BatchLayer Split(
        Action<AcceleratorStream, KernelConfig, Floats, ulong, DeciderSplit> split, Floats weight, int outer, int inner, Floats bias)
    {
        var slices = (inner + WgmmaProduct.Slice - 1) / WgmmaProduct.Slice;
        var size = new DeciderSplit(outer, inner, (outer + 7) / 8 * 8, slices * WgmmaProduct.Slice);
        var parts = Own(WeightMatrix.Allocate(_device, ElementType.Bf16, size.PaddedRows, 2 * size.Width));
        split(_device.Accelerator.DefaultStream, Threads(size.PaddedRows * size.Width / 4), weight, parts.Address, size);
        return new BatchLayer(parts, Address(bias), outer, inner, size.Width);
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

    /// <summary>A linear layer.</summary>
    /// <param name="Parts">[outer made up to eight, 2, width].</param>
    /// <param name="Bias">Where [outer] starts.</param>
    /// <param name="Outer">Outputs.</param>
    /// <param name="Inner">Inputs.</param>
    /// <param name="Width">The same in whole slices.</param>
    private sealed record BatchLayer(WeightMatrix Parts, ulong Bias, int Outer, int Inner, int Width);
}
