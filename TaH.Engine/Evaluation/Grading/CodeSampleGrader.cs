using System.Collections.Concurrent;

namespace TaH.Engine;

/// <summary>Judges programs by running them; both verdicts are the same.</summary>
/// <param name="sandbox">Where they run.</param>
/// <param name="withMoreInputs">Whether the inputs that came later count, too.</param>
internal sealed class CodeSampleGrader(PythonSandbox sandbox, bool withMoreInputs) : ISampleGrader
{
    private readonly CodeGrader _grader = new(sandbox, new SandboxLimits());
    private readonly ConcurrentDictionary<string, CodeProblem> _problems = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public SampleVerdict Grade(EvaluationProblem problem, string answer)
    {
        var verdict = _grader.Grade(_problems.GetOrAdd(problem.Id, _ => Read(problem)), CodeInAnswer.Of(answer));
        var passes = verdict.Base && verdict.Plus is not false;
        var reason = verdict.Reason.Length > 0 ? verdict.Reason : null;
        return new SampleVerdict(passes, passes, reason, reason);
    }

    private CodeProblem Read(EvaluationProblem problem)
    {
        try
        {
            var read = CodeProblem.Read(problem.Row);
            return withMoreInputs ? read : read with { MoreInputs = null };
        }
        catch (FormatException error)
        {
            throw new UsageException($"problem {problem.Id} of task {problem.Task.Name} {error.Message}");
        }
    }
}
