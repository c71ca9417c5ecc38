using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>What a micro-batch found out about its tokens.</summary>
/// <param name="Losses">[tokens]: cross-entropy; 0 where there is no label.</param>
/// <param name="Predictions">[tokens]: the likeliest next token; -1 where nobody looked.</param>
internal sealed record TokenOutcomes(float[] Losses, int[] Predictions);

/// <summary>Room on the device for what passes find out about tokens, fetched once at the end.</summary>
internal sealed class TokenResults(ComputeDevice device) : IDisposable
{
    private readonly List<int> _places = [];
    private FloatBuffer? _losses;
    private IntBuffer? _predictions;
    private int _tokens;

    /// <summary>Begins a micro-batch.</summary>
    public void Begin(int tokens)
    {
        _places.Clear();
        _tokens = tokens;
        if (_losses is not null && _losses.Length >= tokens) return;
        device.Synchronize();
        Dispose();
        _losses = device.AllocateFloats(tokens);
        _predictions = device.AllocateInts(tokens);
    }

    /// <summary>Room for the results of some tokens, each of which comes once.</summary>
    public (Floats Losses, ILGPU.ArrayView<int> Predictions) For(int[] places)
    {
        var start = _places.Count;
        _places.AddRange(places);
        return (_losses!.View.BaseView.SubView(start, places.Length), _predictions!.View.BaseView.SubView(start, places.Length));
    }

    /// <summary>Waits for the device and brings all results to their tokens.</summary>
    public TokenOutcomes Receive()
    {
        var (losses, predictions) = (new float[_places.Count], new int[_places.Count]);
        if (_places.Count > 0)
        {
            _losses!.View.BaseView.SubView(0, losses.Length).CopyToCPU(device.Accelerator.DefaultStream, losses);
            _predictions!.View.BaseView.SubView(0, predictions.Length).CopyToCPU(device.Accelerator.DefaultStream, predictions);
        }
        device.Synchronize();
        var outcomes = new TokenOutcomes(new float[_tokens], new int[_tokens]);
        Array.Fill(outcomes.Predictions, -1);
        for (var i = 0; i < _places.Count; i++) (outcomes.Losses[_places[i]], outcomes.Predictions[_places[i]]) = (losses[i], predictions[i]);
        return outcomes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _losses?.Dispose();
        _predictions?.Dispose();
    }
}
