using System.Collections.Concurrent;
using System.Globalization;
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
/// <remarks>Plus inputs as in evalplus 0.3: results of the reference solution, computed here, once a problem; equal, or floats that are close.</remarks>
public sealed class CodeGrader(PythonSandbox sandbox, SandboxLimits limits)
{
    private static readonly string Check = ReadCheck();

    private readonly ConcurrentDictionary<CodeProblem, string> _expected = new(ReferenceEqualityComparer.Instance);

    /// <summary>Judges a program.</summary>
    /// <param name="problem">What it is to solve.</param>
    /// <param name="code">Its text.</param>
    /// <param name="cancellation">Ends it.</param>
    public CodeVerdict Grade(CodeProblem problem, string code, CancellationToken cancellation = default)
    {
        // A body alone, or a whole program: what the prompt imports is there for both.
        var program = $"{Imports(problem.Prompt)}\n{code}\n";
        var tested = sandbox.Run($"{program}\n{problem.Tests}\n", limits, cancellation);
        if (!Passed(tested)) return new CodeVerdict(false, problem.MoreInputs is null ? null : false, Reason(tested));
        if (problem.MoreInputs is null || problem.EntryPoint is null) return new CodeVerdict(true, null, "");
        var compared = sandbox.Run(Driver(problem, program, Expected(problem, cancellation)), limits, cancellation);
        return new CodeVerdict(true, Passed(compared), Passed(compared) ? "" : Reason(compared));
    }

    private string Expected(CodeProblem problem, CancellationToken cancellation) => _expected.GetOrAdd(problem, _ =>
    {
        var outcome = sandbox.Run(Driver(problem, problem.Reference, ""), limits with { OutputCharacters = 1 << 26 }, cancellation);
        if (!Passed(outcome)) throw new InvalidDataException($"the reference solution of {problem.EntryPoint} fails: {Reason(outcome)}");
        return outcome.Output.TrimEnd('\n').Split('\n')[^1];
    });

    private static string Driver(CodeProblem problem, string program, string expected) =>
        $"CODE = \"{Base64(program)}\"\nENTRY = \"{problem.EntryPoint}\"\nINPUTS = \"{Base64(problem.MoreInputs!)}\"\nEXPECTED = \"{expected}\"\n"
        + $"ATOL = {problem.Tolerance.ToString("R", CultureInfo.InvariantCulture)}\n{Check}";

    private static string Imports(string prompt) =>
        string.Join('\n', prompt.Split('\n').TakeWhile(line => !line.StartsWith("def ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("import ", StringComparison.Ordinal) || line.StartsWith("from ", StringComparison.Ordinal)));

    private static bool Passed(SandboxOutcome outcome) => outcome is { End: SandboxEnd.Exited, ExitCode: 0 };

    private static string Reason(SandboxOutcome outcome) => outcome.End switch
    {
        SandboxEnd.TimedOut => "takes too long",
        SandboxEnd.OutputFull => "writes too much",
        _ => outcome.Error.TrimEnd('\n').Split('\n')[^1] is { Length: > 0 } last ? last : $"ends with {outcome.ExitCode}",
    };

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string ReadCheck()
    {
        using var stream = typeof(CodeGrader).Assembly.GetManifestResourceStream("check.py")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
