namespace TaH.Engine;

/// <summary>What to evaluate, and where the results go.</summary>
public sealed record EvaluationRequest
{
    /// <summary>The tasks, in the order in which they run.</summary>
    public required IReadOnlyList<EvaluationTask> Tasks { get; init; }

    /// <summary>Where data files are; null for the current directory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The directory of the results; what is there is gone on from.</summary>
    public required string Output { get; init; }

    /// <summary>Answers to each problem.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>What the seeds of all samples depend on.</summary>
    public long Seed { get; init; }

    /// <summary>Problems of each task, from the start; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Which part of the problems; null for all.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Answers in flight.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Who decides about further passes; null for what the checkpoint says.</summary>
    public IterationPolicy? Policy { get; init; }

    /// <summary>Passes that a token may take; null for what the checkpoint says.</summary>
    public int? MaxIter { get; init; }

    /// <summary>What the session is opened with, but for its size.</summary>
    public SessionOptions Session { get; init; } = new();

    /// <summary>Whether programs may run where nothing isolates them.</summary>
    public bool Unsafe { get; init; }

    /// <summary>Whether to keep the text and the decider's probability of every token, which makes the file some five times as large.</summary>
    public bool KeepsTokens { get; init; }

    /// <summary>Throws where a number makes no sense.</summary>
    /// <exception cref="UsageException">The message names it and its range.</exception>
    public void Validate()
    {
        if (Samples is < 1 or > 10_000) throw new UsageException($"samples are 1 to 10,000, not {Samples:N0}");
        if (Batch < 1) throw new UsageException($"a batch has 1 answer or more, not {Batch:N0}");
        if (Limit < 1) throw new UsageException($"a limit is 1 problem or more, not {Limit:N0}");
        if (Tasks.GroupBy(task => task.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new UsageException($"task {twice.Key} is given twice");
        foreach (var task in Tasks) task.Sampling.Validate();
        (Session with { MaxSequences = Batch }).Validate();
    }
}
