using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>What sampling keeps on the device: the requests of a call, and room for rows of logits that are thinned out or penalised.</summary>
internal sealed class SamplingScratch(ComputeDevice device, int maxRequests, int maxVocab) : IDisposable
{
    private readonly MemoryBuffer1D<SampleParameters, ILGPU.Stride1D.Dense> _parameters =
        device.Accelerator.Allocate1D<SampleParameters>(maxRequests);
    private readonly HostUpload _parameterUpload = new(device, maxRequests * System.Runtime.CompilerServices.Unsafe.SizeOf<SampleParameters>());
    private readonly SampleParameters[] _parameterStaging = new SampleParameters[maxRequests];
    private int[] _seenStaging = [];
    private HostUpload? _seenUpload;
    private IntBuffer _seen = device.AllocateInts(1);
    private FloatBuffer? _penalised;
    private FloatBuffer? _values;
    private IntBuffer? _tokens;

    /// <summary>[requests].</summary>
    public ILGPU.ArrayView<SampleParameters> Parameters => _parameters.View.BaseView;

    /// <summary>[seen tokens of all requests, 2]: token, times generated.</summary>
    public Ints Seen => _seen.View.BaseView;

    /// <summary>[maxRequests, maxVocab] room for penalised logits; empty as long as nobody has asked for penalties.</summary>
    public Floats Penalised => _penalised is null ? default : _penalised.View.BaseView;

    /// <summary>[maxRequests, maxVocab] room for the logits that passed the filters so far; empty as long as everybody is greedy.</summary>
    public Floats Values => _values is null ? default : _values.View.BaseView;

    /// <summary>[maxRequests, maxVocab] room for their tokens.</summary>
    public Ints Tokens => _tokens is null ? default : _tokens.View.BaseView;

    /// <summary>
    /// Brings the requests of a call to the device. Allocates when the first penalties or the first draws come, or more seen tokens than ever before.
    /// </summary>
    /// <returns>Whether any request has penalties, and whether any is not greedy.</returns>
    public (bool Penalties, bool Draws) Upload(ReadOnlySpan<SampleRequest> requests)
    {
        var seen = 0;
        var draws = false;
        foreach (var request in requests)
        {
            seen += request.Penalties?.Seen.Length ?? 0;
            draws |= request.Temperature > 0f;
        }
        if (draws)
        {
            _values ??= Rows();
            _tokens ??= device.AllocateInts((long)maxRequests * maxVocab);
        }
        if (seen > 0) _penalised ??= Rows();
        if (2 * seen > _seenStaging.Length) GrowSeen(2 * seen);
        Stage(requests);
        _parameterUpload.Copy<SampleParameters>(_parameterStaging.AsSpan(0, requests.Length), Parameters);
        if (seen > 0) _seenUpload!.Copy<int>(_seenStaging.AsSpan(0, 2 * seen), Seen);
        return (seen > 0, draws);
    }

    public void Dispose()
    {
        _parameterUpload.Dispose();
        _seenUpload?.Dispose();
        _parameters.Dispose();
        _seen.Dispose();
        _penalised?.Dispose();
        _values?.Dispose();
        _tokens?.Dispose();
    }

    private void Stage(ReadOnlySpan<SampleRequest> requests)
    {
        var first = 0;
        for (var r = 0; r < requests.Length; r++)
        {
            var request = requests[r];
            var penalties = request.Penalties;
            var count = penalties?.Seen.Length ?? 0;
            _parameterStaging[r] = new SampleParameters(
                request.Slot, request.Temperature, request.TopK, request.TopP, request.MinP, request.Uniform, first, count,
                penalties?.Repetition ?? 1f, penalties?.Presence ?? 0f, penalties?.Frequency ?? 0f);
            for (var i = 0; i < count; i++, first++)
            {
                _seenStaging[2 * first] = penalties!.Seen.Span[i];
                _seenStaging[(2 * first) + 1] = penalties.GeneratedCounts.Span[i];
            }
        }
    }

    private void GrowSeen(int length)
    {
        device.ReplaceMemory();
        _seen.Dispose();
        _seenUpload?.Dispose();
        _seenStaging = new int[Math.Max(length, 2 * _seenStaging.Length)];
        _seen = device.AllocateInts(_seenStaging.Length);
        _seenUpload = new HostUpload(device, _seenStaging.Length * sizeof(int));
    }

    private FloatBuffer Rows() => device.AllocateFloats((long)maxRequests * maxVocab);
}
