namespace TaH.Engine;

/// <summary>Adds up entropies of tokens that iterate and of the others.</summary>
internal sealed class EntropySums
{
    private const double BinWidth = 0.1;
    private const int Bins = 41; // up to 4 nats, and one for all above

    private readonly long[] _iteratedBins = new long[Bins];
    private readonly long[] _otherBins = new long[Bins];
    private double _iterated, _iteratedAfter, _others;

    /// <summary>Adds a token.</summary>
    /// <param name="iterates">Whether it takes another pass.</param>
    /// <param name="first">Behind the first pass, in nats.</param>
    /// <param name="last">Behind the last one.</param>
    public void Add(bool iterates, float first, float last)
    {
        var bin = (int)Math.Clamp(first / BinWidth, 0, Bins - 1);
        if (!iterates)
        {
            _others += first;
            _otherBins[bin]++;
            return;
        }
        _iterated += first;
        _iteratedAfter += last;
        _iteratedBins[bin]++;
    }

    /// <summary>What it came to.</summary>
    public EntropyComparison Result()
    {
        var (iterated, others) = (_iteratedBins.Sum(), _otherBins.Sum());
        return new EntropyComparison(
            Mean(_iterated, iterated), Mean(_iteratedAfter, iterated), Mean(_others, others), BinWidth, Shares(_iteratedBins, iterated),
            Shares(_otherBins, others));
    }

    private static double? Mean(double sum, long count) => count == 0 ? null : sum / count;

    private static double[] Shares(long[] bins, long count) => [.. bins.Select(bin => count == 0 ? 0 : (double)bin / count)];
}
