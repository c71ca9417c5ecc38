using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>The largest of plain rows of logits: <see cref="TopK"/> without slots, by the same kernels.</summary>
public sealed class LargestLogits : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly LargestLogitsVariant _variant;
    private readonly Action<KernelConfig, Ints, Ints, Floats, Floats, Ints, TopKShape>? _portable;
    private IntBuffer? _everyRow;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public LargestLogits(ComputeDevice device, LargestLogitsVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == LargestLogitsVariant.Simd) device.RequireCpu(nameof(LargestLogitsVariant.Simd));
        else _portable = device.Load<Ints, Ints, Floats, Floats, Ints, TopKShape>(TopKPortable.Kernel);
    }

    /// <summary>The k largest logits of every row in descending order, the lower token id first among equals. Exact; NaN first.</summary>
    /// <param name="logits">[rows, vocab].</param>
    /// <param name="values">[rows, k]; every element is written.</param>
    /// <param name="tokens">[rows, k]; every element is written.</param>
    /// <param name="shape">The sizes that all are checked against; a head row is a row.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More is asked for than a row has.</exception>
    /// <exception cref="NotSupportedException">The portable variant is asked for more than <see cref="TopK.MaxPortableK"/>.</exception>
    public void Run(Floats logits, Floats values, Ints tokens, TopKShape shape)
    {
        ShapeException.ThrowIfShorter(logits, (long)shape.HeadRows * shape.Vocab, nameof(logits));
        ShapeException.ThrowIfShorter(values, (long)shape.HeadRows * shape.K, nameof(values));
        ShapeException.ThrowIfShorter(tokens, (long)shape.HeadRows * shape.K, nameof(tokens));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.K, shape.Vocab);
        if (shape.HeadRows == 0 || shape.K == 0) return;
        var rows = EveryRow(shape.HeadRows);
        using var _ = _device.Profile(nameof(LargestLogits), _variant, shape.Work);
        if (_portable is null)
        {
            TopKSimd.Run(_device.Workers!, rows, rows, logits, values, tokens, shape);
            return;
        }
        if (shape.K > TopK.MaxPortableK)
            throw new NotSupportedException($"top-k of {shape.K}: {_device.Info.Name} keeps at most {TopK.MaxPortableK}");
        _portable((shape.HeadRows, _device.GroupSize), rows, rows, logits, values, tokens, shape);
    }

    /// <inheritdoc/>
    public void Dispose() => _everyRow?.Dispose();

    /// <summary>0, 1, 2 and so on: every row is a head row, and has the slot of its own number.</summary>
    private Ints EveryRow(int count)
    {
        if (_everyRow is null || _everyRow.Length < count)
        {
            _device.ReplaceMemory();
            _everyRow?.Dispose();
            _everyRow = _device.AllocateInts(count);
            _everyRow.View.BaseView.CopyFromCPU(_device.Accelerator.DefaultStream, [.. Enumerable.Range(0, (int)_everyRow.Length)]);
            _device.Synchronize();
        }
        return _everyRow.View.BaseView.SubView(0, count);
    }
}
