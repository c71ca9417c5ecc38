using ILGPU;

namespace TaH.Kernels;

/// <summary>Draws the next token of each request from accumulated logits.</summary>
public sealed class Sampling : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly SamplingVariant _variant;
    private readonly int _maxRequests;
    private readonly int _maxVocab;
    private readonly SamplingScratch _scratch;
    private readonly SamplingCudaTop? _top;
    private readonly SamplingLaunches? _launches;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    /// <param name="maxRequests">Requests of the largest call.</param>
    /// <param name="maxVocab">Logits of the longest row.</param>
    public Sampling(ComputeDevice device, SamplingVariant variant, int maxRequests, int maxVocab)
    {
        (_device, _variant, _maxRequests, _maxVocab) = (device, variant, maxRequests, maxVocab);
        _scratch = new SamplingScratch(device, maxRequests, maxVocab);
        if (variant == SamplingVariant.CudaTop) _top = new SamplingCudaTop(device);
        if (variant == SamplingVariant.Simd) device.RequireCpu(nameof(SamplingVariant.Simd));
        else _launches = new SamplingLaunches(device);
    }

    /// <summary>Brings requests to the device for a call of <see cref="Draw"/>; on CUDA nobody waits, but for growing.</summary>
    /// <param name="logits">What will be drawn from.</param>
    /// <param name="requests">What to draw from and how. The token ids of penalties are distinct and checked where requests are made.</param>
    /// <exception cref="ShapeException">A longer row or more requests than there is room for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A request's slot does not exist.</exception>
    public SampleBatch Upload(LogitsState logits, ReadOnlySpan<SampleRequest> requests)
    {
        if (logits.Vocab > _maxVocab) throw new ShapeException("a row of logits", logits.Vocab, _maxVocab);
        if (requests.Length > _maxRequests) throw new ShapeException(nameof(requests), requests.Length, _maxRequests);
        var fromTop = _top is not null;
        foreach (var request in requests)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(request.Slot);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(request.Slot, logits.Slots);
            fromTop = fromTop && SamplingCudaTop.Takes(request, logits);
        }
        var (penalties, draws) = _scratch.Upload(requests);
        return new SampleBatch(requests.Length, penalties, draws, fromTop);
    }

    /// <summary>
    /// For each request: penalties, then the largest logit (the lowest id among equals) if the temperature is 0; else p = softmax(logits /
    /// temperature), cut to p >= minP * max p, cut to the topK largest and what ties with the last of them, cut to the smallest set of the largest
    /// whose sum passes topP of what is left (the lower id first among equals, one token always), and the first token in id order at which the
    /// running sum passes uniform * (sum of what is left).
    /// </summary>
    /// <param name="logits">The sums; not changed by penalties.</param>
    /// <param name="batch">The requests of the last upload.</param>
    /// <param name="tokens">[requests], written.</param>
    /// <param name="topIsThere">
    /// Whether the kernel in front lets those behind it start only when the largest logits are complete, so that a draw from them may begin.
    /// </param>
    /// <exception cref="ShapeException">tokens is too short.</exception>
    /// <remarks>
    /// Probabilities are f32, so two devices may differ where uniform or topP falls within rounding of a boundary. A row with NaN or infinity gives
    /// its largest logit, where NaN counts as larger than anything. Source: sample_with_params of the official code; penalties as in transformers and
    /// vLLM.
    /// </remarks>
    public void Draw(LogitsState logits, SampleBatch batch, Ints tokens, bool topIsThere = false)
    {
        ShapeException.ThrowIfShorter(tokens, batch.Count, nameof(tokens));
        if (batch.Count == 0) return;
        // Every step looks at every logit at least once, and the largest one is always looked for.
        var work = new KernelWork((long)batch.Count * logits.Vocab * sizeof(float), 0, batch.Count, logits.Vocab);
        if (_launches is null)
        {
            using var _ = _device.Profile(nameof(Sampling), _variant, work);
            SamplingSimd.Run(_device.Workers!, logits.Accumulated, _scratch, tokens, batch.Count, logits.Vocab);
            return;
        }
        if (batch.FromTop)
        {
            var listed = new KernelWork(2L * batch.Count * logits.TopK * sizeof(float), 0, batch.Count, logits.TopK);
            using var _ = _device.Profile(nameof(Sampling), _variant, listed);
            _top!.Run(logits, _scratch, batch.Count, tokens, topIsThere);
            return;
        }
        var config = new KernelConfig(batch.Count, _device.GroupSize);
        if (batch.Penalties)
        {
            using var _ = _device.Profile(nameof(Sampling), "PortablePenalise", work with { Bytes = 2 * work.Bytes });
            _launches.Penalise(config, logits.Accumulated, _scratch.Parameters, _scratch.Seen, _scratch.Penalised, logits.Vocab);
        }
        using (_device.Profile(nameof(Sampling), "PortableLargest", work))
            _launches.Largest(config, logits.Accumulated, _scratch.Parameters, _scratch.Penalised, tokens, logits.Vocab);
        if (batch.Draws)
        {
            using var _ = _device.Profile(nameof(Sampling), "PortableDraw", work);
            _launches.Draw(
                config, logits.Accumulated, _scratch.Parameters, _scratch.Penalised, _scratch.Values, _scratch.Tokens, tokens, logits.Vocab);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();
}
