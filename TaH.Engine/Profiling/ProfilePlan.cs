namespace TaH.Engine;

/// <summary>What is profiled: sequences with a context, a prompt that follows it, and tokens that are decoded then.</summary>
public sealed record ProfilePlan
{
    private const int MostRepetitions = 1000;

    /// <summary>Tokens of the prompt; empty for <see cref="PromptLength"/> random ones.</summary>
    public IReadOnlyList<int> Prompt { get; init; } = [];

    /// <summary>Random tokens to prefill where there is no <see cref="Prompt"/>; 0 to profile decoding alone.</summary>
    public int PromptLength { get; init; }

    /// <summary>Tokens to decode; 0 to profile the prefill alone.</summary>
    public int Tokens { get; init; } = 16;

    /// <summary>Positions that the grid holds before; they are not part of the profile.</summary>
    public int Depth { get; init; }

    /// <summary>Sequences that run together.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>The share of tokens that is sent through a second pass. Not looked at where <see cref="Policy"/> is given.</summary>
    public double ContinueRate { get; init; }

    /// <summary>Who decides about second passes instead; null for the rate.</summary>
    public IterationPolicy? Policy { get; init; }

    /// <summary>Runs without the profiler that its own times are held against; their median counts.</summary>
    public int Repetitions { get; init; } = 3;

    /// <summary>How the session is opened; sequences and context are the plan's own.</summary>
    public SessionOptions Session { get; init; } = new();

    /// <summary>Tokens that are prefilled as a part of the profile; 0 for none.</summary>
    public int PrefillLength => Prompt.Count > 0 ? Prompt.Count : PromptLength;

    /// <summary>Tokens that the first pass or passes read: decoding begins with one, too.</summary>
    internal int FirstTokens => Math.Max(1, PrefillLength);

    /// <summary>Tokens to draw: a prefill gives one, before the decoded ones.</summary>
    internal int Answer => PrefillLength > 0 ? Tokens + 1 : Tokens;

    /// <summary>The longest context and no pass that parts a batch.</summary>
    internal SessionOptions SessionOptions => Session with
    {
        MaxSequences = Batch,
        MaxRows = Session.MaxRows is { } rows ? Math.Max(rows, Batch) : null,
        ContextLimit = (int)Math.Min(int.MaxValue, (long)Depth + FirstTokens + Answer),
    };

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="UsageException">The message names the value and its range.</exception>
    public void Validate()
    {
        Require(PromptLength >= 0, $"a prompt to prefill has 0 tokens or more, not {PromptLength:N0}");
        Require(Tokens >= 0, $"a profile decodes 0 tokens or more, not {Tokens:N0}");
        Require(PrefillLength > 0 || Tokens > 0, $"there is nothing to profile");
        Require(Depth >= 0, $"a context has 0 positions or more, not {Depth:N0}");
        Require(Batch >= 1, $"a batch has 1 sequence or more, not {Batch:N0}");
        Require(ContinueRate is >= 0 and <= 1, $"a continue rate is from 0 to 1, not {ContinueRate}");
        Require(Repetitions is >= 1 and <= MostRepetitions, $"a run is repeated 1 to {MostRepetitions:N0} times, not {Repetitions:N0}");
    }

    private static void Require(bool holds, FormattableString otherwise)
    {
        if (!holds) throw new UsageException(FormattableString.Invariant(otherwise));
    }
}
