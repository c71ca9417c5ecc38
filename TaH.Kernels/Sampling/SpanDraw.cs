using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace TaH.Kernels;

/// <summary>
/// Min-p, top-p and the draw on a list of logits in token order, already cut to the top-k. Weights are relative to the largest probability.
/// </summary>
internal readonly ref struct SpanDraw
{
    private readonly ReadOnlySpan<float> _values;
    private readonly Span<float> _weights;
    private readonly float _largest;
    private readonly SampleParameters _request;

    /// <param name="values">The list.</param>
    /// <param name="weights">As long; overwritten.</param>
    /// <param name="largest">The largest logit of the row.</param>
    /// <param name="request">How to draw.</param>
    public SpanDraw(ReadOnlySpan<float> values, Span<float> weights, float largest, SampleParameters request)
    {
        _values = values;
        _weights = weights;
        _largest = largest;
        _request = request;
    }

    /// <summary>The place in the list that is drawn; null if nothing has a probability (NaN or infinite logits).</summary>
    public int? Run()
    {
        TensorPrimitives.Subtract(_values, _largest, _weights);
        TensorPrimitives.Multiply(_weights, 1f / _request.Temperature, _weights);
        TensorPrimitives.Exp(_weights, _weights);
        for (var i = 0; i < _weights.Length; i++)
        {
            if (!(_weights[i] >= _request.MinP)) _weights[i] = 0f;
        }
        var floor = float.NegativeInfinity;
        var equals = int.MaxValue; // how many of those at the floor stay
        var mass = TensorPrimitives.Sum<float>(_weights);
        if (!(mass > 0f)) return null;
        if (_request.TopP < 1f)
        {
            var limit = _request.TopP * mass;
            floor = Nucleus(limit);
            (equals, mass) = EqualsThatStay(floor, limit);
        }
        return Draw(floor, equals, _request.Uniform * mass);
    }

    /// <summary>The lowest logit above which the sum of weights does not pass the limit.</summary>
    private float Nucleus(float limit)
    {
        var low = OrderedBits.Of(TensorPrimitives.Min(_values));
        var high = OrderedBits.Of(_largest);
        while (low < high)
        {
            var middle = low + ((high - low) / 2u);
            if (MassAbove(OrderedBits.ToFloat(middle)) <= limit) high = middle;
            else low = middle + 1u;
        }
        return OrderedBits.ToFloat(low);
    }

    private float MassAbove(float floor)
    {
        var bound = new Vector<float>(floor);
        var sums = Vector<float>.Zero;
        ref var values = ref MemoryMarshal.GetReference(_values);
        ref var weights = ref MemoryMarshal.GetReference(_weights);
        var i = 0;
        for (; i <= _values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var above = Vector.GreaterThan(Vector.LoadUnsafe(ref values, (nuint)i), bound);
            sums += Vector.ConditionalSelect(above, Vector.LoadUnsafe(ref weights, (nuint)i), Vector<float>.Zero);
        }
        var mass = Vector.Sum(sums);
        for (; i < _values.Length; i++) mass += _values[i] > floor ? _weights[i] : 0f;
        return mass;
    }

    /// <summary>How many of those at the floor stay until the sum passes the limit, the first always; and the sum of all that stay.</summary>
    private (int Count, float Mass) EqualsThatStay(float floor, float limit)
    {
        var above = MassAbove(floor);
        var weight = MathF.Exp((floor - _largest) * (1f / _request.Temperature));
        var equals = 0;
        foreach (var value in _values) equals += value == floor ? 1 : 0;
        var stay = (int)MathF.Min(MathF.Floor((limit - above) / weight) + 1f, equals);
        return (stay, above + (stay * weight));
    }

    private int Draw(float floor, int equals, float target)
    {
        var last = 0;
        var sum = 0f;
        for (var i = 0; i < _values.Length; i++)
        {
            if (_values[i] < floor || _weights[i] == 0f || (_values[i] == floor && equals-- <= 0)) continue;
            sum += _weights[i];
            last = i;
            if (sum > target) return i;
        }
        return last; // rounding left the whole sum just below the target
    }
}
