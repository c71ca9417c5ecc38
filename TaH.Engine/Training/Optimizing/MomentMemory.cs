using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>
/// What a rule remembers of a range of parameters. Moments of a byte are for matrices: norms and biases are few, and each of them matters more.
/// </summary>
internal sealed class MomentMemory : IDisposable
{
    private readonly FloatBuffer? _first;
    private readonly FloatBuffer? _second;

    /// <summary>Allocates zeros.</summary>
    public MomentMemory(ComputeDevice device, ParameterRange range, OptimizerKind kind)
    {
        (Range, AreQuantized) = (range, kind == OptimizerKind.AdamW8Bit && range.Decays);
        if (kind == OptimizerKind.Sgd) return;
        var length = AreQuantized ? QuantizedMoments.FloatsFor(range.Length) : range.Length;
        (_first, _second) = (Zeros(device, length), Zeros(device, length));
    }

    /// <summary>Of which parameters.</summary>
    public ParameterRange Range { get; }

    /// <summary>Whether moments are bytes.</summary>
    public bool AreQuantized { get; }

    /// <summary>[parameters].</summary>
    public Floats First => _first!.View.BaseView;

    /// <summary>[parameters].</summary>
    public Floats Second => _second!.View.BaseView;

    /// <summary>The first moments as bytes.</summary>
    public QuantizedMoments FirstQuantized => QuantizedMoments.In(First, Range.Length);

    /// <summary>The second moments as bytes.</summary>
    public QuantizedMoments SecondQuantized => QuantizedMoments.In(Second, Range.Length);

    /// <summary>Everything, by name.</summary>
    public IEnumerable<(string Name, FloatBuffer Values)> State
    {
        get
        {
            if (_first is null || _second is null) yield break;
            var part = Range.Decays ? "decaying" : "constant";
            yield return ($"first_moments.{Range.Number}.{part}", _first);
            yield return ($"second_moments.{Range.Number}.{part}", _second);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first?.Dispose();
        _second?.Dispose();
    }

    private static FloatBuffer Zeros(ComputeDevice device, long length)
    {
        var buffer = device.AllocateFloats(length);
        buffer.MemSetToZero(device.Accelerator.DefaultStream);
        return buffer;
    }
}
