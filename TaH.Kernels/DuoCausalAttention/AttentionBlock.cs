using System.Numerics;
using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>
/// One online-softmax step of the SIMD attention: a few entries of one KV head, widened to f32, against the query heads that share it. Keys and
/// values take turns in the same lines; the sums of all heads of a row are kept from step to step.
/// </summary>
internal unsafe struct AttentionBlock
{
    /// <summary>Entries of a block: enough to spread the costs of a step, few enough that their f32 lines stay in the first cache.</summary>
    public const int Entries = 16;

    private readonly float* _query;
    private readonly float* _sums;
    private readonly int _sumsStride;
    private readonly int _group;
    private readonly int _headDim;
    private readonly float _scale;
    private readonly float* _lines;
    private readonly float* _scores;

    /// <summary>Starts with no entries: sums and weights are zeroed.</summary>
    /// <param name="memory"><see cref="FloatsFor"/> floats.</param>
    /// <param name="query">[heads, headDim] of the row.</param>
    /// <param name="sums">Where the heads' sums go, relative to their largest score.</param>
    /// <param name="sumsStride">From one head's sums to the next.</param>
    /// <param name="shape">The sizes.</param>
    public AttentionBlock(float* memory, float* query, float* sums, int sumsStride, DuoCausalAttentionShape shape)
    {
        _query = query;
        _sums = sums;
        (_sumsStride, _group, _headDim, _scale) = (sumsStride, shape.HeadsPerKvHead, shape.HeadDim, shape.Scale);
        _lines = memory;
        _scores = _lines + (Entries * _headDim);
        Largest = _scores + (Entries * _group);
        Weights = Largest + shape.Heads;
        for (var head = 0; head < shape.Heads; head++)
        {
            new Span<float>(_sums + ((long)head * _sumsStride), _headDim).Clear();
            (Largest[head], Weights[head]) = (float.NegativeInfinity, 0f);
        }
    }

    /// <summary>[heads] the largest score so far.</summary>
    public float* Largest { get; }

    /// <summary>[heads] the sum of exp(score - largest) so far.</summary>
    public float* Weights { get; }

    /// <summary>Floats that a block works in.</summary>
    public static int FloatsFor(DuoCausalAttentionShape shape) => 
        (Entries * (shape.HeadDim + shape.HeadsPerKvHead)) + (2 * shape.Heads);

    /// <summary>Where an entry's key, then its value, is put.</summary>
    public readonly Span<float> Line(int entry) => new(_lines + (entry * _headDim), _headDim);

    /// <summary>
    /// The lines hold keys: turns the scores of the query heads that share them into weights, and brings their sums to the new largest score.
    /// </summary>
    public readonly void Score(int kvHead, int count)
    {
        for (var member = 0; member < _group; member++)
        {
            var head = (kvHead * _group) + member;
            var scores = new Span<float>(_scores + (member * Entries), count);
            var query = _query + ((long)head * _headDim);
            // Four at a time; lines past the count hold something old, and their scores are not read.
            for (var entry = 0; entry < count; entry += 4) Dot4(query, _lines + (entry * _headDim), _scores + (member * Entries) + entry);
            TensorPrimitives.Multiply(scores, _scale, scores);
            var largest = MathF.Max(Largest[head], TensorPrimitives.Max(scores));
            var rescale = MathF.Exp(Largest[head] - largest); // 0 at the first block
            TensorPrimitives.Subtract(scores, largest, scores);
            TensorPrimitives.Exp(scores, scores);
            Weights[head] = (Weights[head] * rescale) + TensorPrimitives.Sum<float>(scores);
            Largest[head] = largest;
            if (rescale == 1f) continue;
            var sums = new Span<float>(_sums + ((long)head * _sumsStride), _headDim);
            TensorPrimitives.Multiply(sums, rescale, sums);
        }
    }

    /// <summary>The lines hold values: adds them to the sums of the same heads by their weights.</summary>
    public readonly void Accumulate(int kvHead, int count)
    {
        for (var member = 0; member < _group; member++)
        {
            var sums = _sums + ((long)((kvHead * _group) + member) * _sumsStride);
            var weights = _scores + (member * Entries);
            var i = 0;
            for (; i <= _headDim - (4 * Vector<float>.Count); i += 4 * Vector<float>.Count) AddColumns4(sums + i, _lines + i, weights, count);
            for (; i <= _headDim - Vector<float>.Count; i += Vector<float>.Count)
            {
                var sum = Vector.Load(sums + i);
                for (var entry = 0; entry < count; entry++)
                    sum = Vector.FusedMultiplyAdd(new Vector<float>(weights[entry]), Vector.Load(_lines + (entry * _headDim) + i), sum);
                sum.Store(sums + i);
            }
            for (; i < _headDim; i++)
            {
                for (var entry = 0; entry < count; entry++) sums[i] += weights[entry] * _lines[(entry * _headDim) + i];
            }
        }
    }

    private readonly void Dot4(float* query, float* lines, float* scores)
    {
        Vector<float> dot0 = default, dot1 = default, dot2 = default, dot3 = default;
        var i = 0;
        for (; i <= _headDim - Vector<float>.Count; i += Vector<float>.Count)
        {
            var q = Vector.Load(query + i);
            dot0 = Vector.FusedMultiplyAdd(q, Vector.Load(lines + i), dot0);
            dot1 = Vector.FusedMultiplyAdd(q, Vector.Load(lines + _headDim + i), dot1);
            dot2 = Vector.FusedMultiplyAdd(q, Vector.Load(lines + (2 * _headDim) + i), dot2);
            dot3 = Vector.FusedMultiplyAdd(q, Vector.Load(lines + (3 * _headDim) + i), dot3);
        }
        (scores[0], scores[1], scores[2], scores[3]) = (Vector.Sum(dot0), Vector.Sum(dot1), Vector.Sum(dot2), Vector.Sum(dot3));
        for (; i < _headDim; i++)
        {
            for (var entry = 0; entry < 4; entry++) scores[entry] += query[i] * lines[(entry * _headDim) + i];
        }
    }

    private readonly void AddColumns4(float* sums, float* lines, float* weights, int count)
    {
        var width = Vector<float>.Count;
        Vector<float> sum0 = Vector.Load(sums), sum1 = Vector.Load(sums + width),
            sum2 = Vector.Load(sums + (2 * width)), sum3 = Vector.Load(sums + (3 * width));
        for (var entry = 0; entry < count; entry++, lines += _headDim)
        {
            var weight = new Vector<float>(weights[entry]);
            sum0 = Vector.FusedMultiplyAdd(weight, Vector.Load(lines), sum0);
            sum1 = Vector.FusedMultiplyAdd(weight, Vector.Load(lines + width), sum1);
            sum2 = Vector.FusedMultiplyAdd(weight, Vector.Load(lines + (2 * width)), sum2);
            sum3 = Vector.FusedMultiplyAdd(weight, Vector.Load(lines + (3 * width)), sum3);
        }
        sum0.Store(sums);
        sum1.Store(sums + width);
        sum2.Store(sums + (2 * width));
        sum3.Store(sums + (3 * width));
    }
}
