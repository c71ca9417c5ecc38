namespace TaH.Cli;

/// <summary>A verb of the command line: its options and what it does. What every verb has is here.</summary>
internal abstract class Verb
{
    [Option("verbose", HelpText = "Say more on standard error, and show where an error came from.")]
    public bool Verbose { get; init; }

    [Option("no-color", HelpText = "Write no colours. They are off, too, where the output is no terminal or NO_COLOR is set.")]
    public bool NoColor { get; init; }

    /// <summary>Runs the verb and returns the exit code.</summary>
    public int Start(Terminal terminal)
    {
        if (NoColor) terminal.DropColors();
        return Run(terminal);
    }

    /// <summary>What the verb does. Failures leave as exceptions.</summary>
    protected abstract int Run(Terminal terminal);

    /// <summary>A remark that only <c>--verbose</c> asks for.</summary>
    protected void Explain(Terminal terminal, FormattableString remark)
    {
        if (Verbose) terminal.Remark(FormattableString.Invariant(remark));
    }
}
