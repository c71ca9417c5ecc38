namespace TaH.Engine;

/// <summary>A set of problems, how they are asked and how answers are judged.</summary>
/// <remarks>Built-in tasks and files of one's own have the same schema; docs/evaluation.md shows it.</remarks>
public sealed record EvaluationTask
{
    /// <summary>What the task is called in tables and files.</summary>
    public required string Name { get; init; }

    /// <summary>One line for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>The data file; a name without an ending stands for every format (<see cref="TaskDataFile"/>).</summary>
    public required string Data { get; init; }

    /// <summary>Where <see cref="Data"/> is looked for if not in the data directory: the task file's folder; null for built-in tasks.</summary>
    public string? Folder { get; init; }

    /// <summary>Where the data comes from, for who does not have it.</summary>
    public string Source { get; init; } = "";

    /// <summary>The field with the problem's id; where a row has none, its number serves.</summary>
    public string IdField { get; init; } = "id";

    /// <summary>The field with the reference answer; null where the grader takes what it needs from the row.</summary>
    public string? AnswerField { get; init; }

    /// <summary>What the user says: text with {field} for a field of the row.</summary>
    public required PromptTemplate Prompt { get; init; }

    /// <summary>What the assistant's turn begins with, before the model goes on; empty for nothing.</summary>
    public string Prefill { get; init; } = "";

    /// <summary>How answers are judged.</summary>
    public required TaskGrader Grader { get; init; }

    /// <summary>Whether the model may think aloud.</summary>
    public bool Thinking { get; init; } = true;

    /// <summary>How tokens are drawn.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>Tokens of an answer at most.</summary>
    public int MaxNewTokens { get; init; } = 4096;

    /// <summary>The fields that a row must have.</summary>
    public IEnumerable<string> Fields => AnswerField is null ? Prompt.Fields : Prompt.Fields.Append(AnswerField).Distinct();
}
