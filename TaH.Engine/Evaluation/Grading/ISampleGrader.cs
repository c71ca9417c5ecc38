namespace TaH.Engine;

/// <summary>Judges the answers to a task's problems. Answers are judged side by side, so it is called from several threads.</summary>
public interface ISampleGrader
{
    /// <summary>Judges an answer. No answer is an error: what cannot be read is wrong.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="answer">The model's text, thinking included; may be empty.</param>
    SampleVerdict Grade(EvaluationProblem problem, string answer);
}

/// <summary>Two verdicts on an answer.</summary>
/// <param name="Official">What the reference grader says, oddities included.</param>
/// <param name="Fair">What a careful person would say.</param>
/// <param name="Extracted">What the official verdict looked at; null where it found nothing.</param>
/// <param name="FairExtracted">What the fair verdict looked at; null where it found nothing.</param>
public readonly record struct SampleVerdict(bool Official, bool Fair, string? Extracted, string? FairExtracted);
