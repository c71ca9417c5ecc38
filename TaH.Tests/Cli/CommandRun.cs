using Spectre.Console;
using Spectre.Console.Testing;
using TaH.Cli;

namespace TaH.Tests;

/// <summary>Runs command lines inside the test's process, on consoles that keep what was written.</summary>
internal sealed class CommandRun
{
    /// <summary>A problem that the shipped model solves in few tokens, one of them in two passes.</summary>
    public const string Question = "Take 6. Add 5. Subtract 2. Keep only the last digit. What is left?";

    // Tests must not depend on a cache that the machine may have.
    private static readonly HubAccess NoHub = HubAccess.OfProcess with
    {
        Options = () => new HubOptions { CacheDirectory = Path.Combine(AppContext.BaseDirectory, "no-such-cache"), Offline = true },
    };

    private readonly TestConsole _out = new TestConsole().Width(200);
    private readonly TestConsole _error = new TestConsole().Width(200);

    private CommandRun(TextReader? input, bool colors, bool isPerson, HubAccess? hub)
    {
        if (colors)
        {
            _out.EmitAnsiSequences();
            _error.EmitAnsiSequences();
        }
        Terminal = new Terminal { Out = _out, Error = _error, In = input ?? TextReader.Null, IsInputRedirected = !isPerson, Hub = hub ?? NoHub };
        if (!colors) Terminal.DropColors();
    }

    public Terminal Terminal { get; }

    public int ExitCode { get; private set; }

    public string Out => _out.Output;

    public string Error => _error.Output;

    /// <summary>A command as a script sees it: nothing on standard input, no colours.</summary>
    public static CommandRun Of(params string[] args) => Prepare().Run(args);

    public static CommandRun WithInput(string input, params string[] args) => Prepare(new StringReader(input)).Run(args);

    /// <summary>A command as a person sees it, in colours.</summary>
    public static CommandRun InColors(params string[] args) => Prepare(colors: true, isPerson: true).Run(args);

    public static CommandRun Prepare(TextReader? input = null, bool colors = false, bool isPerson = false, HubAccess? hub = null) =>
        new(input, colors, isPerson, hub);

    public CommandRun Run(params string[] args)
    {
        ExitCode = CommandLineTool.Run(args, Terminal);
        return this;
    }

    /// <summary>Asserts success and gives what was written.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
        return Out;
    }

    /// <summary>Asserts that exactly one line, an error, was written, and gives its sentence.</summary>
    public string FailedWith(int exitCode)
    {
        var lines = Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, {exitCode} was expected: {Error}");
        var errors = lines.Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).ToList();
        Assert.Single(errors);
        Assert.DoesNotContain("   at ", Error);
        return errors[0]["error: ".Length..];
    }
}
