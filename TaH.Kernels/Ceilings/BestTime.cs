using System.Diagnostics;

namespace TaH.Kernels;

/// <summary>The time of work that is repeated for a while: the best round, because whatever disturbs a round makes it longer.</summary>
internal static class BestTime
{
    /// <summary>Seconds of the best round.</summary>
    /// <param name="round">The work, waited for. It runs once before, so that kernels are compiled and the device is awake.</param>
    /// <param name="patience">How long to go on; one round at the least.</param>
    public static double Of(Action round, TimeSpan patience)
    {
        round();
        var best = double.PositiveInfinity;
        var begin = Stopwatch.GetTimestamp();
        do
        {
            var start = Stopwatch.GetTimestamp();
            round();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(begin) < patience);
        return best;
    }
}
