namespace TaH.Engine;

/// <summary>How many passes each token of a micro-batch takes in stage 1.</summary>
internal static class IterationLabels
{
    /// <summary>
    /// The labels, cut to the most passes; where labelled tokens are there and none of them goes on, one of them, drawn, does.
    /// </summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="maxIter">The most passes.</param>
    /// <param name="random">What is drawn from.</param>
    /// <remarks>Source: _force_one_continuation of github.com/thu-nics/TaH at 1e07bc3: at every depth but the last.</remarks>
    public static int[] Of(PackedBatch batch, int maxIter, Xoshiro256 random)
    {
        int[] iterations = [.. batch.IterationCounts.Select(count => Math.Clamp(count, 1, maxIter))];
        for (var depth = 1; depth < maxIter; depth++)
        {
            int[] active = [.. Enumerable.Range(0, iterations.Length).Where(token => iterations[token] >= depth && batch.Labels[token] >= 0)];
            if (active.Length > 0 && active.All(token => iterations[token] == depth)) iterations[active[random.Below(active.Length)]]++;
        }
        return iterations;
    }

    /// <summary>Every labelled token takes all passes: an ablation.</summary>
    public static int[] Always(PackedBatch batch, int maxIter) => [.. batch.Labels.Select(label => label >= 0 ? maxIter : 1)];

    /// <summary>Labelled tokens whose next token the first pass misses take all passes: an ablation.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="predictions">[tokens] of the first pass.</param>
    /// <param name="maxIter">The most passes.</param>
    public static int[] Missed(PackedBatch batch, int[] predictions, int maxIter) =>
        [.. batch.Labels.Select((label, token) => label >= 0 && predictions[token] != label ? maxIter : 1)];
}
