using ILGPU;

namespace TaH.Kernels;

/// <summary>The largest accumulated logits of every head row: what the decider reads and the soft embedding mixes.</summary>
public sealed class TopK
{
    private readonly ComputeDevice _device;
    private readonly TopKVariant _variant;
    private readonly TopKCudaBuckets? _buckets;
    private readonly Action<KernelConfig, Ints, Ints, Floats, Floats, Ints, TopKShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public TopK(ComputeDevice device, TopKVariant variant)
    {
        if (variant == TopKVariant.CudaBuckets) _buckets = new TopKCudaBuckets(device);
        (_device, _variant) = (device, variant);
        if (variant == TopKVariant.Simd) device.RequireCpu(nameof(TopKVariant.Simd));
        else _portable = device.Load<Ints, Ints, Floats, Floats, Ints, TopKShape>(TopKPortable.Kernel);
    }

    /// <summary>The most that variants other than <see cref="TopKVariant.Simd"/> can keep: candidates are sorted in shared memory.</summary>
    public static int MaxPortableK => GroupThreshold.MaxCandidates;

    /// <summary>
    /// For every head row: the topK largest accumulated logits of its slot in descending order, the lower token id first among equals. Exact. NaN
    /// counts as larger than anything, as in torch.topk, so that it cannot hide; zeros of both signs are equal.
    /// </summary>
    /// <param name="rows">Which rows want logits, and their slots. No two of them may share a slot.</param>
    /// <param name="logits">Read: the sums; written: top values and tokens of the slots.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row's slot does not exist.</exception>
    /// <exception cref="NotSupportedException">A variant other than the CPU's is asked for more than <see cref="MaxPortableK"/>.</exception>
    public void Run(RowTable rows, LogitsState logits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows.MaxSlot, logits.Slots);
        if (rows.HeadCount == 0 || logits.TopK == 0) return;
        var shape = new TopKShape(rows.HeadCount, logits.Vocab, logits.TopK);
        using var _ = _device.Profile(nameof(TopK), _variant, shape.Work);
        if (_portable is null)
        {
            TopKSimd.Run(_device.Workers!, rows, logits, shape);
            return;
        }
        if (shape.K > MaxPortableK) throw new NotSupportedException($"top-k of {shape.K}: {_device.Info.Name} keeps at most {MaxPortableK}");
        if (_buckets is not null) _buckets.Run(rows, logits, shape);
        else _portable((shape.HeadRows, _device.GroupSize),
            rows.HeadRows, rows.Slots, logits.Accumulated, logits.TopValues, logits.TopTokens, shape);
    }
}
