using System.Text.Json.Serialization;

namespace TaH.Engine;

/// <summary>An answer and its verdicts: a line of samples.jsonl, whose names these are in lower case with underscores.</summary>
public sealed record EvaluationSample
{
    /// <summary>The task.</summary>
    public required string Task { get; init; }

    /// <summary>The problem.</summary>
    public required string Id { get; init; }

    /// <summary>The problem's place in its file, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>Which answer to the problem, from 0.</summary>
    public required int Sample { get; init; }

    /// <summary>What its draws depended on.</summary>
    public required long Seed { get; init; }

    /// <summary>The text that the model went on from, chat format included.</summary>
    public required string Prompt { get; init; }

    /// <summary>Its tokens.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>The reference answer.</summary>
    public required string Gold { get; init; }

    /// <summary>What the model wrote.</summary>
    public required string Answer { get; init; }

    /// <summary>The ids of the answer.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>Passes for each of them.</summary>
    public required IReadOnlyList<int> Iterations { get; init; }

    /// <summary>stop, or length.</summary>
    public required string FinishReason { get; init; }

    /// <summary>What the reference grader says.</summary>
    public required bool Official { get; init; }

    /// <summary>What a careful person would say.</summary>
    public required bool Fair { get; init; }

    /// <summary>What the official verdict looked at; null for nothing.</summary>
    public required string? Extracted { get; init; }

    /// <summary>What the fair verdict looked at; null for nothing.</summary>
    public required string? FairExtracted { get; init; }

    /// <summary>From its first pass to its last token.</summary>
    public required double Seconds { get; init; }

    /// <summary>The text of each token; null where it was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? TokenTexts { get; init; }

    /// <summary>The decider's probability of another pass, of each token; null where it was not asked for or the decider did not run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double?>? ContinueProbabilities { get; init; }

    /// <summary>What no other sample of a run has.</summary>
    [JsonIgnore]
    internal (string Task, string Id, int Sample) Key => (Task, Id, Sample);
}
