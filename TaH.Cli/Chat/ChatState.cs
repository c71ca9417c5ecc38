namespace TaH.Cli;

/// <summary>A chat in progress: what was said, and how the next answer is to be made.</summary>
internal sealed class ChatState(LoadedModel loaded, Session session, Conversation conversation)
{
    /// <summary>The model, with the policy and the passes of the next answer.</summary>
    public LoadedModel Loaded { get; set; } = loaded;

    /// <summary>Where answers are generated.</summary>
    public Session Session => session;

    /// <summary>The chat's place in the grid, which keeps what was prefilled.</summary>
    public Conversation Conversation => conversation;

    /// <summary>What was said.</summary>
    public ChatHistory History { get; } = new(loaded.Model);

    /// <summary>Whether the model may think aloud.</summary>
    public bool Think { get; set; } = true;
}
