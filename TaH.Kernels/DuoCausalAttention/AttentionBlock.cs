using System.Numerics;
using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>
/// One online-softmax step of the SIMD attention: a few entries of one KV head, as f32, against the query heads that share it. Keys and
/// values take turns in the same lines; the sums of all heads of a row are kept from step to step.
/// </summary>
internal unsafe struct AttentionBlock
{
    /// <summary>Entries of a block: enough to spread the costs of a step, few enough that their f32 lines stay in the first cache.</summary>
    public const int Entries = 32;

    private readonly float* _query;
    private readonly float* _sums;
    private readonly int _sumsStride;
    private readonly int _group;
    private readonly int _headDim;
    private readonly float _scale;
    private readonly float** _lines; // [Entries] where the keys, or the values, are
    private readonly float* _widened; // [Entries, headDim]
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
        _lines = (float**)memory;
        _widened = (float*)(_lines + Entries);
        _scores = _widened + (Entries * _headDim);
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
        (Entries * ((sizeof(float*) / sizeof(float)) + shape.HeadDim + shape.HeadsPerKvHead)) + (2 * shape.Heads);

    /// <summary>Takes the keys, or the values, of the next entries as the lines; singles stay where they are.</summary>
    /// <param name="elements">The layer's keys or values.</param>
    /// <param name="cells">The entries' cells, at least one.</param>
    /// <param name="kvHead">The KV head.</param>
    /// <param name="kvHeads">KV heads of a cell.</param>
    public readonly void Take(HostElements elements, ReadOnlySpan<int> cells, int kvHead, int kvHeads)
    {
        for (var i = 0; i < cells.Length; i++)
            _lines[i] = elements.Singles((((long)cells[i] * kvHeads) + kvHead) * _headDim, _widened + (i * _headDim), _headDim);
        // Scores come in fours: those past the last entry are of the last again, and not read.
        for (var i = cells.Length; i % 4 != 0; i++) _lines[i] = _lines[cells.Length - 1];
    }

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
            for (var entry = 0; entry < count; entry += 4) Dot4(query, _lines + entry, _scores + (member * Entries) + entry);
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
            for (; i <= _headDim - (4 * Vector<float>.Count); i += 4 * Vector<float>.Count) AddColumns4(sums, i, weights, count);
            for (; i <= _headDim - Vector<float>.Count; i += Vector<float>.Count)
            {
                var sum = Vector.Load(sums + i);
                for (var entry = 0; entry < count; entry++)
                    sum = Vector.FusedMultiplyAdd(new Vector<float>(weights[entry]), Vector.Load(_lines[entry] + i), sum);
                sum.Store(sums + i);
            }
            for (; i < _headDim; i++)
            {
                for (var entry = 0; entry < count; entry++) sums[i] += weights[entry] * _lines[entry][i];
            }
        }
    }

    private readonly void Dot4(float* query, float** lines, float* scores)
    {
        float* line0 = lines[0], line1 = lines[1], line2 = lines[2], line3 = lines[3];
        Vector<float> dot0 = default, dot1 = default, dot2 = default, dot3 = default;
        var i = 0;
        for (; i <= _headDim - Vector<float>.Count; i += Vector<float>.Count)
        {
            var q = Vector.Load(query + i);
            dot0 = Vector.FusedMultiplyAdd(q, Vector.Load(line0 + i), dot0);
            dot1 = Vector.FusedMultiplyAdd(q, Vector.Load(line1 + i), dot1);
            dot2 = Vector.FusedMultiplyAdd(q, Vector.Load(line2 + i), dot2);
            dot3 = Vector.FusedMultiplyAdd(q, Vector.Load(line3 + i), dot3);
        }
        (scores[0], scores[1], scores[2], scores[3]) = (Vector.Sum(dot0), Vector.Sum(dot1), Vector.Sum(dot2), Vector.Sum(dot3));
        for (; i < _headDim; i++)
        {
            for (var entry = 0; entry < 4; entry++) scores[entry] += query[i] * lines[entry][i];
        }
    }

    private readonly void AddColumns4(float* sums, int column, float* weights, int count)
    {
        var width = Vector<float>.Count;
        var target = sums + column;
        Vector<float> sum0 = Vector.Load(target), sum1 = Vector.Load(target + width),
            sum2 = Vector.Load(target + (2 * width)), sum3 = Vector.Load(target + (3 * width));
        for (var entry = 0; entry < count; entry++)
        {
            var line = _lines[entry] + column;
            var weight = new Vector<float>(weights[entry]);
            sum0 = Vector.FusedMultiplyAdd(weight, Vector.Load(line), sum0);
            sum1 = Vector.FusedMultiplyAdd(weight, Vector.Load(line + width), sum1);
            sum2 = Vector.FusedMultiplyAdd(weight, Vector.Load(line + (2 * width)), sum2);
            sum3 = Vector.FusedMultiplyAdd(weight, Vector.Load(line + (3 * width)), sum3);
        }
        sum0.Store(target);
        sum1.Store(target + width);
        sum2.Store(target + (2 * width));
        sum3.Store(target + (3 * width));
    }
}
