using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TaH.Engine;

/// <summary>Verdicts on a program.</summary>
/// <param name="Base">Whether the problem's own tests pass.</param>
/// <param name="Plus">Whether it gives what the reference gives for the inputs that came later; null where there are none.</param>
/// <param name="Reason">Why not, in a line; empty where all is well.</param>
public sealed record CodeVerdict(bool Base, bool? Plus, string Reason);

/// <summary>Runs programs that solve problems, and says whether they do. Safe for use by several threads.</summary>
/// <param name="sandbox">Where they run.</param>
/// <param name="limits">What each run may use.</param>
/// <remarks>
/// Plus inputs as in evalplus: results of the reference solution, computed here, once a problem; equal, or floats that are close. Unlike evalplus, lists in
/// MBPP+'s inputs stay lists where it makes tuples of them, and no task has a comparison of its own.
/// </remarks>
public sealed class CodeGrader(PythonSandbox sandbox, SandboxLimits limits)
{
    private static readonly string Check = ReadCheck();

    private readonly ConcurrentDictionary<CodeProblem, string?> _expected = new(ReferenceEqualityComparer.Instance);

    /// <summary>Judges a program.</summary>
    /// <param name="problem">What it is to solve.</param>
    /// <param name="code">Its text.</param>
    /// <param name="cancellation">Ends it.</param>
    public CodeVerdict Grade(CodeProblem problem, string code, CancellationToken cancellation = default)
    {
        var program = $"{Before(problem)}\n{code}\n";
        var tested = Run(problem, program, problem.Tests, "", limits, cancellation);
        if (!tested.Passed) return new CodeVerdict(false, problem.MoreInputs is null ? null : false, tested.Reason);
        if (problem.MoreInputs is null || problem.EntryPoint is null) return new CodeVerdict(true, null, "");
        if (Expected(problem, cancellation) is not { } expected) return new CodeVerdict(true, null, "the reference cannot be run on the further inputs");
        var compared = Run(problem, program, "", expected, limits, cancellation);
        return new CodeVerdict(true, compared.Passed, compared.Reason);
    }

    /// <summary>What the reference gives, pickled; null where it cannot say.</summary>
    private string? Expected(CodeProblem problem, CancellationToken cancellation) => _expected.GetOrAdd(problem, _ =>
    {
        var made = Run(problem, problem.Reference, "", "", limits with { OutputCharacters = 1 << 26 }, cancellation);
        return made.Passed ? made.Output.Split('\n')[^1] : null;
    });

    private (bool Passed, string Output, string Reason) Run(
        CodeProblem problem, string program, string tests, string expected, SandboxLimits allowed, CancellationToken cancellation)
    {
        var token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var source = $"CODE = \"{Base64(program)}\"\nTESTS = \"{Base64(tests)}\"\nENTRY = \"{problem.EntryPoint}\"\nINPUTS = \"{Base64(problem.MoreInputs ?? "")}\"\n"
            + $"EXPECTED = \"{expected}\"\nATOL = {problem.Tolerance.ToString("R", CultureInfo.InvariantCulture)}\nTOKEN = \"{token}\"\n{Check}";
        var outcome = sandbox.Run(source, allowed, cancellation);
        var output = outcome.Output.TrimEnd('\n');
        var passed = outcome is { End: SandboxEnd.Exited, ExitCode: 0 } && output.EndsWith(token, StringComparison.Ordinal);
        return (passed, passed ? output[..^token.Length].TrimEnd('\n') : "", passed ? "" : Reason(outcome));
    }

    /// <summary>What stands in front of the function in the prompt, imports and helpers, is there for an answer without it.</summary>
    private static string Before(CodeProblem problem)
    {
        var start = problem.Prompt.IndexOf($"def {problem.EntryPoint}(", StringComparison.Ordinal);
        return start < 0 ? "" : problem.Prompt[..start];
    }

    private static string Reason(SandboxOutcome outcome) => outcome.End switch
    {
        SandboxEnd.TimedOut => "takes too long",
        SandboxEnd.OutputFull => "writes too much",
        _ => outcome.Error.TrimEnd('\n').Split('\n')[^1] is { Length: > 0 } last ? last : "ends before its tests do",
    };

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string ReadCheck()
    {
        using var stream = typeof(CodeGrader).Assembly.GetManifestResourceStream("check.py")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
