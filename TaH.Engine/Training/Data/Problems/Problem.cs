namespace TaH.Engine;

/// <summary>A problem of the synthetic reasoning task, with the way to its answer. All of it follows from the question.</summary>
/// <param name="Kind">Which of <see cref="ProblemSet.AllKinds"/>.</param>
/// <param name="Question">What is asked.</param>
/// <param name="Reasoning">The steps, a line each.</param>
/// <param name="Answer">The answer.</param>
public sealed record Problem(string Kind, string Question, string Reasoning, string Answer)
{
    /// <summary>What the assistant says: its thoughts, then the answer.</summary>
    public string Response => $"<think>\n{Reasoning}\n</think>\n\nThe answer is {Answer}.";
}
