using CommandLine.Text;

namespace TaH.Cli;

[Verb("chat", HelpText = "Talk with a model; /help in the chat lists its commands.")]
internal sealed class ChatVerb : AnsweringVerb
{
    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Talk with the model that comes with the program", new ChatVerb()),
        new("Talk with another one, which answers at once", new ChatVerb { Model = "nics-efc/TaH-plus-1.7B", Think = "off" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var think = ThinkingIsOn;
        // A chat that nobody can talk to need not load a model.
        if (terminal.In is ClosedInput closed) closed.Read();
        using var loaded = Load(terminal);
        using var session = OpenSession(loaded, sequences: 1);
        using var conversation = session.OpenConversation();
        var state = new ChatState(loaded, session, conversation) { Think = think };
        state.History.SystemPrompt = SystemPrompt;
        if (!terminal.IsInputRedirected) terminal.Remark("/help lists the commands; Ctrl-C stops an answer, and leaves where there is none");
        return new ChatLoop(terminal, state, RequestFor).Run();
    }
}
