using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>One weight of a launch: the gradients of its outputs, and where its own goes.</summary>
/// <param name="Dy">[rows, outer].</param>
/// <param name="Gradient">[outer, inner], starting at a multiple of 16 bytes; added to.</param>
internal readonly record struct WeightGradientTarget(Bfloat16Rows Dy, Floats Gradient);

/// <summary>
/// Gradients of weights on tensor cores: bf16 operands, sums in f32 over the rows. The same bits every time: no sum depends on which group is first.
/// </summary>
/// <remarks>
/// The rows behind the last one, up to the next multiple of 64 from the first, are zeros in x and in every dy, or outside the buffer; what lies
/// behind these is not looked at. On Hopper a description is made of each buffer that is new, which waits for the device; it does not depend on the
/// count of rows.
/// </remarks>
internal abstract class WeightGradientProducts : IDisposable
{
    /// <summary>Weights that a launch takes.</summary>
    public const int MaxTargets = 3;

    private const int Word = 8; // elements of 16 bytes: rows of every operand start at multiples of 16 bytes

    private readonly ComputeDevice _device;
    private readonly MatMulVariant _variant;
    private readonly Lazy<Action<AcceleratorStream, KernelConfig, WeightGradientTask>> _addParts;
    private readonly Lazy<FloatBuffer> _partials;

    /// <param name="device">Where they run.</param>
    /// <param name="variant">What the kernels are made of, for profiles.</param>
    protected WeightGradientProducts(ComputeDevice device, MatMulVariant variant)
    {
        (_device, _variant) = (device, variant);
        _addParts = new(() => PtxLoader.Load(device, WeightGradientParts.Method, new KernelSpecialization(WeightGradientParts.GroupSize, null))
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, WeightGradientTask>>());
        // Parts are no more than multiprocessors have tiles for, whatever the shape is.
        _partials = new(() => device.AllocateFloats(
            (long)device.Accelerator.NumMultiprocessors * WeightGradientPlan.TileRows * WeightGradientPlan.MaxColumns));
    }

    /// <summary>The kernels that are best on a device.</summary>
    /// <param name="device">A device that <see cref="MatMul.ForTensorCores"/> knows the variant of.</param>
    /// <param name="variant">CudaWgmma or CudaMma.</param>
    public static WeightGradientProducts Create(ComputeDevice device, MatMulVariant variant) =>
        variant == MatMulVariant.CudaWgmma ? new WgmmaGradients(device) : new MmaGradients(device);

    /// <summary>gradient[o, i] += alpha * sum over rows of dy[row, o] * x[row, i].</summary>
    /// <param name="dy">[rows, outer]; outer is a multiple of 8.</param>
    /// <param name="x">[rows, inner]; inner is a multiple of 8.</param>
    /// <param name="alpha">What every sum is multiplied with.</param>
    /// <param name="gradient">[outer, inner], starting at a multiple of 16 bytes.</param>
    /// <exception cref="ShapeException">A view is too short, rows differ, or a width is no multiple of 8.</exception>
    public void Run(Bfloat16Rows dy, Bfloat16Rows x, float alpha, Floats gradient) => Run(x, alpha, new WeightGradientTarget(dy, gradient));

    /// <summary>As the other one, for one to three weights that met the same x.</summary>
    public void Run(Bfloat16Rows x, float alpha, params ReadOnlySpan<WeightGradientTarget> targets)
    {
        CheckCount(targets);
        Span<int> outers = stackalloc int[targets.Length];
        for (var i = 0; i < targets.Length; i++) outers[i] = targets[i].Dy.Width;
        Run(WeightGradientPlan.Choose(Columns, outers, x.Width, x.Count, _device.Accelerator.NumMultiprocessors), x, alpha, targets);
    }

    /// <summary>As the other one, shared out as a plan says.</summary>
    public void Run(WeightGradientPlan plan, Bfloat16Rows x, float alpha, params ReadOnlySpan<WeightGradientTarget> targets)
    {
        CheckCount(targets);
        Check(x, nameof(x));
        foreach (var target in targets)
        {
            Check(target.Dy, "dy");
            ShapeException.ThrowIfDifferent(target.Dy.Count, x.Count, "dy rows");
            ShapeException.ThrowIfShorter(target.Gradient, (long)target.Dy.Width * x.Width, "gradient");
        }
        if (x.Count == 0) return;
        var task = Task(plan, x, alpha, targets);
        var work = new KernelWork(
            (sizeof(ushort) * (long)x.Count * (x.Width + task.Outer)) + (2L * sizeof(float) * task.Outer * x.Width),
            2L * x.Count * x.Width * task.Outer, x.Count, x.Width, task.Outer);
        using var _ = _device.Profile("WeightGradient", _variant, work);
        Launch(plan.Columns, task);
        if (plan.Parts > 1) AddParts(task);
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        if (_partials.IsValueCreated) _partials.Value.Dispose();
    }

    /// <summary>Widths of tiles that there are; of equally fast ones the first is taken.</summary>
    protected abstract ReadOnlySpan<int> Columns { get; }

    /// <summary>What a kernel needs of rows to read them.</summary>
    protected abstract (ulong Operand, int FromRow) Operand(Bfloat16Rows rows);

    /// <summary>Launches the kernel of a width.</summary>
    protected abstract void Launch(int columns, WeightGradientTask task);

    private static void CheckCount(ReadOnlySpan<WeightGradientTarget> targets)
    {
        if (targets.Length is < 1 or > MaxTargets) throw new ArgumentException($"one to {MaxTargets} weights, not {targets.Length}", nameof(targets));
    }

    private static void Check(Bfloat16Rows rows, string name)
    {
        if (rows.Width % Word != 0) throw new ShapeException($"{name} columns", rows.Width, (rows.Width + Word - 1) / Word * Word);
        ShapeException.ThrowIfShorter(rows.Buffer, ((long)rows.From + rows.Count) * rows.Width, name);
    }

    private WeightGradientTask Task(WeightGradientPlan plan, Bfloat16Rows x, float alpha, ReadOnlySpan<WeightGradientTarget> targets)
    {
        Span<GradientRows> weights = [default, default, default];
        int tiles = 0, outer = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = new GradientRows(0, 0, 0, 0, TensorProductTask.NoTile, outer);
            if (i >= targets.Length) continue;
            var (dy, fromRow) = Operand(targets[i].Dy);
            weights[i] = new GradientRows(
                dy, fromRow, (ulong)targets[i].Gradient.LoadEffectiveAddressAsPtr(), targets[i].Dy.Width, tiles, outer);
            tiles += WeightGradientPlan.Pieces(targets[i].Dy.Width, WeightGradientPlan.TileRows);
            outer += targets[i].Dy.Width;
        }
        if (plan.Parts > 1) ShapeException.ThrowIfShorter<float>(_partials.Value.View, (long)plan.Parts * outer * x.Width, "parts of sums");
        var (operand, from) = Operand(x);
        return new WeightGradientTask(
            operand, from, x.Count, x.Width, alpha, tiles, WeightGradientPlan.Pieces(x.Width, plan.Columns), plan.Parts,
            plan.Parts > 1 ? (ulong)_partials.Value.NativePtr : 0, weights[0], weights[1], weights[2]);
    }

    private void AddParts(WeightGradientTask task) => _addParts.Value(
        _device.Accelerator.DefaultStream, (WeightGradientParts.Groups((long)task.Outer * task.Inner), WeightGradientParts.GroupSize), task);
}
