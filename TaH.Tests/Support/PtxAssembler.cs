using System.Diagnostics;

namespace TaH.Tests;

/// <summary>NVIDIA's assembler, where the machine has it: what it refuses, a driver refuses, too.</summary>
internal static class PtxAssembler
{
    private static readonly Lazy<string?> Program = new(Find);

    /// <summary>Assembles a module and returns what the assembler says about each kernel's registers and spills; skips the test without an assembler.</summary>
    /// <param name="text">The module.</param>
    /// <param name="architecture">What it is assembled for, such as <c>sm_90a</c>.</param>
    public static string Assemble(string text, string architecture)
    {
        if (Program.Value is not { } program)
        {
            Assert.Skip("this machine has no ptxas");
            return "";
        }
        using var directory = new TemporaryDirectory();
        var source = Path.Combine(directory.Path, "kernel.ptx");
        File.WriteAllText(source, text);
        var start = new ProcessStartInfo(program, ["-v", "-arch=" + architecture, "-o", source + ".cubin", source]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        return said;
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(directory => Path.Combine(directory, "ptxas")).FirstOrDefault(File.Exists);
}
