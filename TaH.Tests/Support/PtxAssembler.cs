using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>NVIDIA's assembler, where the machine has it: what it refuses, a driver refuses, too.</summary>
internal static partial class PtxAssembler
{
    private static readonly Lazy<string?> Program = new(Find);
    private static readonly Lazy<HashSet<string>> Known = new(() => [.. Architecture().Matches(Run("--help").Said).Select(match => match.Value)]);

    /// <summary>Skips the test on a machine without an assembler.</summary>
    public static void Require() => Assert.SkipWhen(Program.Value is null, "this machine has no ptxas");

    /// <summary>Whether this assembler has heard of an architecture, such as <c>sm_90a</c>.</summary>
    public static bool Knows(string architecture) => Known.Value.Contains(architecture);

    /// <summary>
    /// Assembles a module and returns what the assembler says about each kernel's registers and spills; skips the test without an assembler.
    /// </summary>
    /// <param name="text">The module.</param>
    /// <param name="architecture">What it is assembled for.</param>
    public static string Assemble(string text, string architecture)
    {
        Require();
        using var directory = new TemporaryDirectory();
        var source = Path.Combine(directory.Path, "kernel.ptx");
        File.WriteAllText(source, text);
        var (code, said) = Run("-v", "-arch=" + architecture, "-o", source + ".cubin", source);
        Assert.True(code == 0, said);
        return said;
    }

    private static (int Code, string Said) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program.Value!, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors + output.Result);
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(directory => Path.Combine(directory, "ptxas")).FirstOrDefault(File.Exists);

    [GeneratedRegex(@"\bsm_\d+a?\b")]
    private static partial Regex Architecture();
}
