namespace TaH.Cli;

/// <summary>The whole program, without a process around it: arguments in, exit code out.</summary>
internal static class CommandLineTool
{
    /// <summary>Runs one command line. Every failure ends here, as one line on stderr.</summary>
    /// <param name="args">The arguments behind the program's name.</param>
    /// <param name="terminal">What the command reads and writes.</param>
    /// <returns>The exit code; see <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, Terminal terminal)
    {
        try
        {
            args = VerbParser.Joined(args);
            if (HelpPages.Find(args) is not { } page) return VerbParser.Parse(args).Start(terminal);
            terminal.Out.Profile.Out.Writer.WriteLine(page);
            return ExitCode.Success;
        }
        catch (Exception error)
        {
            return ExitCode.Report(error, terminal, withStackTrace: args.Contains("--verbose"));
        }
    }
}
