namespace TaH.Tests;

/// <summary>Double precision, with a sort: the official order of filters, then the inverse of the distribution in id order.</summary>
internal sealed class SamplingReference
{
    private readonly double[] _probabilities;

    public SamplingReference(float[] logits, SampleRequest request)
    {
        var penalised = Penalise(logits, request.Penalties);
        if (request.Temperature <= 0f)
        {
            _probabilities = new double[logits.Length];
            _probabilities[Array.IndexOf(penalised, penalised.Max())] = 1;
            return;
        }
        var largest = penalised.Max();
        _probabilities = Normalised([.. penalised.Select(logit => Math.Exp((logit - largest) / request.Temperature))]);
        Filter(MinP, request.MinP);
        Filter(TopK, request.TopK);
        Filter(TopP, request.TopP);

        void Filter<T>(Action<double[], T, SamplingReference> filter, T value)
        {
            filter(_probabilities, value, this);
            Normalised(_probabilities).CopyTo(_probabilities, 0);
        }
    }

    public IReadOnlyList<double> Probabilities => _probabilities;

    /// <summary>How near the running sum came to topP, as a share of all: nearer than f32 rounding, and the cut would be a matter of luck.</summary>
    public double TopPMargin { get; private set; } = 1;

    /// <summary>The first token at which the running sum passes the draw, and how far the draw is from the two sums around it.</summary>
    public (int Token, double Margin) Draw(double uniform)
    {
        var sum = 0.0;
        var token = 0;
        for (; token < _probabilities.Length; token++)
        {
            if (sum + _probabilities[token] > uniform) break;
            sum += _probabilities[token];
        }
        return (token, Math.Min(uniform == 0 ? 1 : Math.Abs(uniform - sum), Math.Abs(sum + _probabilities[token] - uniform)));
    }

    private static double[] Penalise(float[] logits, TokenPenalties? penalties)
    {
        var penalised = logits.Select(logit => (double)logit).ToArray();
        for (var i = 0; i < (penalties?.Seen.Length ?? 0); i++)
        {
            var token = penalties!.Seen.Span[i];
            var count = penalties.GeneratedCounts.Span[i];
            penalised[token] = penalised[token] > 0 ? penalised[token] / penalties.Repetition : penalised[token] * penalties.Repetition;
            if (count > 0) penalised[token] -= penalties.Presence + ((double)penalties.Frequency * count);
        }
        return penalised;
    }

    private static void MinP(double[] p, float minP, SamplingReference reference)
    {
        var bound = minP * p.Max();
        for (var i = 0; i < p.Length; i++) p[i] = p[i] >= bound ? p[i] : 0;
    }

    private static void TopK(double[] p, int k, SamplingReference reference)
    {
        if (k <= 0 || k >= p.Length) return;
        var kth = p.OrderDescending().ElementAt(k - 1);
        for (var i = 0; i < p.Length; i++) p[i] = p[i] >= kth ? p[i] : 0;
    }

    private static void TopP(double[] p, float topP, SamplingReference reference)
    {
        if (topP >= 1f) return;
        var before = 0.0;
        foreach (var token in Enumerable.Range(0, p.Length).OrderByDescending(i => p[i]).ThenBy(i => i).ToArray())
        {
            if (before > 0) reference.TopPMargin = Math.Min(reference.TopPMargin, Math.Abs(before - topP));
            var probability = p[token];
            if (before > topP) p[token] = 0;
            before += probability;
        }
    }

    private static double[] Normalised(double[] p)
    {
        var sum = p.Sum();
        return [.. p.Select(probability => probability / sum)];
    }
}
