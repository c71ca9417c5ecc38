namespace TaH.Cli;

/// <summary>Reads lines, answers them, obeys commands, until the user leaves.</summary>
/// <param name="terminal">Where it happens.</param>
/// <param name="state">The chat.</param>
/// <param name="requestFor">Makes a request of the token ids of the whole chat.</param>
internal sealed class ChatLoop(Terminal terminal, ChatState state, Func<LoadedModel, int[], GenerationRequest> requestFor)
{
    private readonly ChatCommands _commands = new(terminal, state);
    private readonly AnswerWriter _writer = new(terminal);
    private int _turn;

    /// <summary>Runs the chat.</summary>
    /// <returns>The exit code: that of a mistake if a script made one, 0 otherwise.</returns>
    public int Run()
    {
        var exitCode = ExitCode.Success;
        _writer.WriteLegend(state.Loaded.MaxIter);
        while (!_commands.IsOver && ReadLine() is { } line)
        {
            try
            {
                if (line.StartsWith('/')) _commands.Run(line.Trim());
                else if (!string.IsNullOrWhiteSpace(line)) Answer(line);
            }
            catch (UsageException error)
            {
                terminal.ReportError(error.Message);
                // At a terminal a mistake costs nothing; whoever ran a script learns of one from the exit code.
                if (terminal.IsInputRedirected) exitCode = ExitCode.BadUsage;
            }
        }
        return exitCode;
    }

    private string? ReadLine()
    {
        if (!terminal.IsInputRedirected) terminal.Write("> ", new Style(decoration: Decoration.Bold));
        var line = TextFile.Guard("standard input", terminal.In.ReadLine);
        if (line is null && !terminal.IsInputRedirected) terminal.WriteLine();
        return line;
    }

    private void Answer(string text)
    {
        var request = requestFor(state.Loaded, state.History.Ask(text, state.Think));
        var completion = Start(request with { Seed = request.Seed + _turn++ });
        using (var work = terminal.Interrupts.Begin())
        {
            foreach (var token in state.Session.Stream(completion, work.Token)) _writer.Write(token);
        }
        _writer.End(completion);
        state.History.Answer(completion);
        var prefilled = FormattableString.Invariant($"prefilled {completion.Timings.PrefilledTokens:N0} of {request.Prompt.Count:N0}");
        terminal.Remark($"{AnswerSummary.Of([completion]).InWords(state.Loaded.Model.Device.Info)}; {prefilled}");
    }

    private Completion Start(GenerationRequest request)
    {
        try
        {
            return state.Session.Start(request, state.Conversation);
        }
        catch (UsageException error)
        {
            state.History.Withdraw();
            if (request.Prompt.Count <= state.Session.Grid.ContextLimit) throw;
            throw new UsageException($"{error.Message}; /clear makes room");
        }
    }
}
