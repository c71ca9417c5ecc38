using System.Globalization;

namespace TaH.Cli;

/// <summary>The commands of a chat, which begin with a slash.</summary>
internal sealed class ChatCommands
{
    private readonly Terminal _terminal;
    private readonly ChatState _state;
    private readonly List<Command> _commands;

    public ChatCommands(Terminal terminal, ChatState state)
    {
        (_terminal, _state) = (terminal, state);
        _commands =
        [
            new("/clear", "", "forget the conversation", Clear),
            new("/system", "TEXT", "set the system prompt; without TEXT there is none", SetSystemPrompt),
            new("/think", "on|off", "whether the model may think aloud", SetThinking),
            new("/threshold", "X", "the decider's probability above which a token takes another pass, 0 to 1", SetThreshold),
            new("/depth", "N", "passes that a token may take", SetDepth),
            new("/save", "FILE", "write the conversation as JSON", Save),
            new("/help", "", "show this list", ShowHelp),
            new("/exit", "", "leave, as Ctrl-D and Ctrl-C do", _ => IsOver = true),
        ];
    }

    /// <summary>Whether the user wants to leave.</summary>
    public bool IsOver { get; private set; }

    private IEnumerable<string> Names => _commands.Select(command => command.Name);

    /// <summary>Runs a line that begins with a slash.</summary>
    /// <exception cref="UsageException">There is no such command, or its argument is wrong.</exception>
    public void Run(string line)
    {
        var (name, argument) = line.IndexOf(' ') is var blank and >= 0 ? (line[..blank], line[(blank + 1)..].Trim()) : (line, "");
        var command = _commands.Find(command => command.Name == name)
            ?? throw new UsageException($"there is no command {name}{NearestName.Question(name, Names)} (/help lists them)");
        if (command.Argument.Length == 0 && argument.Length > 0) throw new UsageException($"{name} takes no argument");
        if (command.Argument.Length > 0 && argument.Length == 0 && name != "/system")
            throw new UsageException($"{name} needs an argument: {name} {command.Argument}");
        command.Run(argument);
    }

    private void Clear(string argument)
    {
        _state.History.Clear();
        _state.Conversation.Clear();
        _terminal.Remark("the conversation is forgotten");
    }

    private void SetSystemPrompt(string argument)
    {
        _state.History.SystemPrompt = argument.Length == 0 ? null : argument;
        _terminal.Remark(argument.Length == 0 ? "there is no system prompt now" : "the system prompt is set");
    }

    private void SetThinking(string argument)
    {
        _state.Think = OnOff.Parse("/think", argument);
        _terminal.Remark($"thinking is {OnOff.Format(_state.Think)}");
    }

    private void SetThreshold(string argument)
    {
        var model = _state.Loaded.Model;
        if (!float.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var threshold))
            throw new UsageException($"/threshold takes a number, not '{argument}'");
        _state.Loaded = _state.Loaded with { Policy = model.DeciderAt(threshold) };
        _terminal.Remark($"from now on {_state.Loaded.PolicyInWords}");
    }

    private void SetDepth(string argument)
    {
        var most = _state.Session.Grid.Shape.Depths;
        if (!int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var depth) || depth < 1 || depth > most)
        {
            var remedy = _state.Loaded.Model.IsTah ? "; tah chat --max-iter makes room for more" : "";
            throw new UsageException($"/depth is 1 to {most} here, not '{argument}'{remedy}");
        }
        _state.Loaded = _state.Loaded with { MaxIter = depth };
        _terminal.Remark($"from now on a token takes at most {Plural.Of(depth, "pass")}");
    }

    private void Save(string file)
    {
        OutputFile.Check("/save", file);
        ChatFile.Save(file, _state.History.Messages);
        _terminal.Remark($"saved {Plural.Of(_state.History.Messages.Count, "message")} to {file}");
    }

    private void ShowHelp(string argument)
    {
        foreach (var command in _commands) _terminal.Remark($"{$"{command.Name} {command.Argument}",-14} {command.Help}");
    }

    private sealed record Command(string Name, string Argument, string Help, Action<string> Run);
}
