using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>Joins the shards of an evaluation to the run that one machine would have made.</summary>
public static class RunMerge
{
    private const string Shard = "shard";

    /// <summary>Joins runs.</summary>
    /// <param name="output">The directory to write; it must not hold a run.</param>
    /// <param name="parts">The directories of the shards.</param>
    /// <returns>The samples, and which shards are missing among the parts.</returns>
    /// <exception cref="UsageException">The parts do not belong together; the message says where they differ.</exception>
    /// <exception cref="BadFileException">A part cannot be read, or the output not be written.</exception>
    public static (IReadOnlyList<EvaluationSample> Samples, IReadOnlyList<string> MissingShards) Run(string output, IReadOnlyList<string> parts)
    {
        if (parts.Count == 0) throw new UsageException("there is nothing to merge; name the --out of each shard");
        if (File.Exists(RunDirectory.SamplesOf(output))) throw new UsageException($"{output} holds a run already; name another directory");
        var settings = parts.Select(RunDirectory.ReadSettings).ToList();
        for (var i = 1; i < parts.Count; i++)
        {
            var differences = SettingsDifference.Between(settings[0], settings[i], except: [Shard]);
            if (differences.Count > 0)
                throw new UsageException($"{parts[0]} and {parts[i]} are not of one run: {string.Join("; ", differences)}");
        }
        var samples = Join(parts);
        var whole = (JsonObject)settings[0].DeepClone();
        var shards = settings.Select(run => run[Shard]?.GetValue<string>()).ToList();
        var missing = Missing(shards);
        whole[Shard] = null; // so that an evaluation without shards can go on from it
        RunDirectory.Begin(output, whole);
        RunDirectory.WriteOrdered(output, samples, [.. settings[0]["tasks"]!.AsArray().Select(task => task!["name"]!.GetValue<string>())]);
        return (samples, missing);
    }

    private static List<EvaluationSample> Join(IReadOnlyList<string> parts)
    {
        var samples = new List<EvaluationSample>();
        var owners = new Dictionary<(string, string, int), string>();
        foreach (var part in parts)
        {
            foreach (var sample in SampleLines.Read(part))
            {
                if (!owners.TryAdd(sample.Key, part))
                    throw new UsageException($"sample {sample.Sample} of {sample.Id} stands in {owners[sample.Key]} and in {part}; name each shard once");
                samples.Add(sample);
            }
        }
        return samples;
    }

    private static List<string> Missing(IReadOnlyList<string?> shards)
    {
        var given = shards.OfType<string>().Select(TaH.Engine.Shard.Parse).ToList();
        if (given.Count == 0) return [];
        var count = given[0].Count;
        if (given.Any(shard => shard.Count != count))
            throw new UsageException($"the shards are parts of different wholes: {string.Join(", ", given)}");
        return [.. Enumerable.Range(1, count).Select(number => new Shard(number, count)).Except(given).Select(shard => shard.ToString())];
    }
}
