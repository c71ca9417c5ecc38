namespace TaH.Engine;

/// <summary>What a grader says about one answer.</summary>
/// <param name="Correct">Whether the answer counts.</param>
/// <param name="Extracted">The text that was taken for the answer, or <see cref="NothingExtracted"/>.</param>
public sealed record GradeVerdict(bool Correct, string Extracted)
{
    /// <summary>Stands for an answer where none was found, in the words of the official grader.</summary>
    public const string NothingExtracted = "No extracted answer";

    /// <summary>No answer was found in the output.</summary>
    public static GradeVerdict Nothing { get; } = new(false, NothingExtracted);
}
