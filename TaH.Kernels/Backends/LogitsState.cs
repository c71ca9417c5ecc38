using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>What adds up over the depths, for every position in flight: the accumulated logits and their largest values.</summary>
/// <remarks>A position in flight owns a slot from its first pass to its last; deciders, soft embeddings and samplers read it there.</remarks>
public sealed class LogitsState : IDisposable
{
    private readonly FloatBuffer _accumulated;
    private readonly FloatBuffer _topValues;
    private readonly IntBuffer _topTokens;
    private readonly MemoryBuffer1D<uint, ILGPU.Stride1D.Dense> _bucketMaxima;

    /// <summary>Allocates slots.</summary>
    /// <param name="device">Where they live.</param>
    /// <param name="slots">Positions in flight at a time.</param>
    /// <param name="vocab">Rows of the head.</param>
    /// <param name="topK">How many of the largest logits are kept; at most <paramref name="vocab"/>.</param>
    public LogitsState(ComputeDevice device, int slots, int vocab, int topK)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topK, vocab);
        (Slots, Vocab, TopK) = (slots, vocab, topK);
        _accumulated = device.AllocateFloats((long)slots * vocab);
        _topValues = device.AllocateFloats((long)slots * topK);
        _topTokens = device.AllocateInts((long)slots * topK);
        _bucketMaxima = device.Accelerator.Allocate1D<uint>((long)slots * LogitsBuckets.Count);
        _bucketMaxima.MemSetToZero(device.Accelerator.DefaultStream);
    }

    /// <summary>Positions in flight at a time.</summary>
    public int Slots { get; }

    /// <summary>Rows of the head.</summary>
    public int Vocab { get; }

    /// <summary>How many of the largest logits are kept.</summary>
    public int TopK { get; }

    /// <summary>[slots, vocab] the sum of the raw logits of every pass so far.</summary>
    public Floats Accumulated => _accumulated.View.BaseView;

    /// <summary>[slots, topK] the largest accumulated logits, in descending order.</summary>
    public Floats TopValues => _topValues.View.BaseView;

    /// <summary>[slots, topK] their token ids; the lower id first among equals.</summary>
    public Ints TopTokens => _topTokens.View.BaseView;

    /// <summary>
    /// [slots, <see cref="LogitsBuckets.Count"/>] the key of the largest accumulated logit of each bucket, from what wrote the sums to the selection
    /// that clears it; 0 at all other times. Used by the CUDA variants.
    /// </summary>
    internal Keys BucketMaxima => _bucketMaxima.View.BaseView;

    /// <inheritdoc/>
    public void Dispose()
    {
        _bucketMaxima.Dispose();
        _accumulated.Dispose();
        _topValues.Dispose();
        _topTokens.Dispose();
    }
}
