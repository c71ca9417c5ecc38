using ILGPU;

namespace TaH.Kernels;

/// <summary>The cross-iteration residual: raw logits add up in their position's slot over the depths.</summary>
public sealed class LogitsSum
{
    private readonly ComputeDevice _device;
    private readonly LogitsSumVariant _variant;
    private readonly LogitsSumCudaBuckets? _buckets;
    private readonly Action<KernelConfig, Floats, Ints, Ints, Ints, Floats, LogitsSumShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public LogitsSum(ComputeDevice device, LogitsSumVariant variant)
    {
        if (variant == LogitsSumVariant.CudaBuckets) _buckets = new LogitsSumCudaBuckets(device);
        (_device, _variant) = (device, variant);
        if (variant == LogitsSumVariant.Simd) device.RequireCpu(nameof(LogitsSumVariant.Simd));
        else _portable = device.Load<Floats, Ints, Ints, Ints, Floats, LogitsSumShape>(LogitsSumPortable.Kernel);
    }

    /// <summary>For the h-th head row r: accumulated[slot[r]] = raw[h] at depth 0, and accumulated[slot[r]] + raw[h] deeper.</summary>
    /// <param name="raw">[head rows, vocab].</param>
    /// <param name="rows">Which rows want logits, their depths and slots. No two of them may share a slot.</param>
    /// <param name="logits">The sums.</param>
    /// <exception cref="ShapeException">raw is shorter than the head rows ask for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row's slot does not exist.</exception>
    public void Run(Floats raw, RowTable rows, LogitsState logits)
    {
        var shape = new LogitsSumShape(rows.HeadCount, logits.Vocab);
        ShapeException.ThrowIfShorter(raw, (long)shape.HeadRows * shape.Vocab, nameof(raw));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows.MaxSlot, logits.Slots);
        if (shape.HeadRows == 0) return;
        using var _ = _device.Profile(nameof(LogitsSum), _variant, shape.Work);
        if (_portable is null) LogitsSumSimd.Run(_device.Workers!, raw, rows, logits.Accumulated, shape);
        else if (_buckets is not null) _buckets.Run(raw, rows, logits, shape);
        else _portable((shape.HeadRows * shape.Pieces, _device.GroupSize),
            raw, rows.HeadRows, rows.RowDepths, rows.Slots, logits.Accumulated, shape);
    }
}
