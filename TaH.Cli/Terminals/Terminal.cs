using System.Text;

namespace TaH.Cli;

/// <summary>What surrounds a command: streams, hub, Ctrl-C; the process's, or a test's.</summary>
internal sealed class Terminal : IDisposable
{
    // Tables in a file or a pipe are not wrapped to a screen that is not there.
    private const int WidthOfFiles = 200;

    /// <summary>The style of what matters less than an answer.</summary>
    public static Style Faint { get; } = new(decoration: Decoration.Dim);

    /// <summary>Standard output: answers, and nothing else.</summary>
    public required IAnsiConsole Out { get; init; }

    /// <summary>Standard error: which device, how fast, what went wrong.</summary>
    public required IAnsiConsole Error { get; init; }

    /// <summary>Standard input.</summary>
    public required TextReader In { get; init; }

    /// <summary>Whether standard input is a file or a pipe, not a person.</summary>
    public required bool IsInputRedirected { get; init; }

    /// <summary>Where models come from that are no directory.</summary>
    public HubAccess Hub { get; init; } = HubAccess.OfProcess;

    /// <summary>Ctrl-C.</summary>
    public Interrupts Interrupts { get; } = new();

    /// <summary>The terminal of this process, with colours where a person looks at it and NO_COLOR is not set.</summary>
    public static Terminal OfProcess()
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var terminal = new Terminal
        {
            Out = Console.IsOutputRedirected ? PlainOn(Answers()) : ConsoleOn(Console.Out),
            Error = Console.IsErrorRedirected ? PlainOn(Remarks()) : ConsoleOn(Console.Error),
            In = Descriptor.IsGiven(Descriptor.Input) ? Console.In : new ClosedInput(),
            IsInputRedirected = Console.IsInputRedirected,
        };
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))) terminal.DropColors();
        terminal.Interrupts.ListenToProcess();
        return terminal;
    }

    /// <summary>Whether answers are coloured.</summary>
    public bool HasColors => HasColorsOn(Out);

    /// <summary>Whether a person looks at standard output who may be shown what changes in its place.</summary>
    public bool IsLive => Out.Profile.Capabilities is { Ansi: true, Interactive: true };

    /// <summary>Writes text only from here on.</summary>
    public void DropColors()
    {
        Out.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        Error.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    }

    /// <summary>Text on standard output, exactly as it is but for its style.</summary>
    public void Write(string text, Style? style = null) => Write(Out, text, style ?? Style.Plain);

    /// <summary>A line on standard output, exactly as it is.</summary>
    public void WriteLine(string line = "") => Out.Profile.Out.Writer.WriteLine(line);

    /// <summary>A remark on standard error.</summary>
    public void Remark(string line)
    {
        Write(Error, line, Faint);
        Error.Profile.Out.Writer.WriteLine();
    }

    /// <summary>What went wrong, on standard error.</summary>
    public void ReportError(string sentence)
    {
        Write(Error, "error:", new Style(Color.Red));
        Error.Profile.Out.Writer.WriteLine(" " + sentence);
    }

    /// <inheritdoc/>
    public void Dispose() => Interrupts.Dispose();

    private static bool HasColorsOn(IAnsiConsole console) => console.Profile.Capabilities is { Ansi: true, ColorSystem: not ColorSystem.NoColors };

    private static void Write(IAnsiConsole console, string text, Style style)
    {
        if (HasColorsOn(console) && style != Style.Plain) console.Write(new Verbatim(text, style));
        else console.Profile.Out.Writer.Write(text);
    }

    private static AnswerStream Answers() =>
        new(Descriptor.IsGiven(Descriptor.Output) ? Console.Out : null, () => Descriptor.IsBroken(Descriptor.Output));

    private static RemarkStream Remarks() => new(Descriptor.IsGiven(Descriptor.Error) ? Console.Error : TextWriter.Null);

    private static IAnsiConsole ConsoleOn(TextWriter writer) => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });

    private static IAnsiConsole PlainOn(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = WidthOfFiles;
        return console;
    }
}
