using System.Diagnostics;

namespace TaH.Tests;

/// <summary>Command lines of the system's shell, for what only a process of its own shows: closed streams, broken pipes, exit codes.</summary>
internal static class Shell
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a line; in it, <c>$TAH</c> is the program. Skips the test where there is no such shell.</summary>
    /// <returns>The exit code and what was written; a line that does not end in time is ended, and fails the test.</returns>
    public static (int ExitCode, string Out, string Error) Run(string line)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "the system has no /bin/bash");
        var start = new ProcessStartInfo("/bin/bash", ["-c", line])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["TAH"] = Path.Combine(AppContext.BaseDirectory, "tah");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"after {Patience.TotalSeconds} s it still ran: {line}");
        }
        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
