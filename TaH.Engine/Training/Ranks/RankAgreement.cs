using System.Globalization;

namespace TaH.Engine;

/// <summary>Whether all ranks are about to do the same.</summary>
internal static class RankAgreement
{
    /// <summary>Compares what every rank starts from; returns when all have got here.</summary>
    /// <param name="communicator">The other ranks.</param>
    /// <param name="fingerprint">Of recipe, model and data, in hexadecimal digits.</param>
    /// <param name="step">Behind which the run goes on.</param>
    /// <exception cref="UsageException">Ranks differ; all throw.</exception>
    public static void Check(ICommunicator communicator, string fingerprint, int step)
    {
        const int Numbers = 3;
        // Each rank's numbers in places of its own, so that the sum shows them to all. A double holds 32 bits as they are.
        var all = new double[communicator.WorldSize * Numbers];
        var mine = all.AsSpan(communicator.Rank * Numbers, Numbers);
        mine[0] = uint.Parse(fingerprint.AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        mine[1] = uint.Parse(fingerprint.AsSpan(8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        mine[2] = step;
        communicator.Sum(all);
        for (var rank = 1; rank < communicator.WorldSize; rank++)
        {
            var other = all.AsSpan(rank * Numbers, Numbers);
            if (!other[..2].SequenceEqual(all.AsSpan(0, 2))) throw new UsageException($"rank {rank} has other options, another model or other data than rank 0");
            if (other[2] != all[2])
                throw new UsageException(FormattableString.Invariant(
                    $"rank {rank} found a state behind step {other[2]:N0}, rank 0 one behind {all[2]:N0}; --out has to be a directory that all ranks see"));
        }
    }

    /// <summary>Whether anyone says so.</summary>
    public static bool Any(ICommunicator communicator, bool here)
    {
        double[] votes = [here ? 1 : 0];
        communicator.Sum(votes);
        return votes[0] > 0;
    }
}
