namespace TaH.Engine;

/// <summary>Turns a chat into the text that a model was trained on, by the checkpoint's own chat template.</summary>
/// <remarks>
/// Renders what <c>apply_chat_template</c> of transformers renders. Tools are out of scope: a template sees none, and messages have role and content
/// only. The text already holds its special tokens; encode it with <c>addSpecialTokens: false</c>.
/// </remarks>
public sealed class ChatFormat
{
    // ChatML as Qwen3 writes it, for a checkpoint that brings no template.
    private const string ChatMl =
        "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endfor %}"
        + "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}"
        + "{%- if enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}";

    private readonly ChatTemplateFile _file;
    private readonly ChatTemplate _template;

    private ChatFormat(ChatTemplateFile file)
    {
        _file = file;
        try
        {
            _template = ChatTemplate.Parse(file.Template ?? ChatMl);
        }
        catch (TemplateException e)
        {
            throw Wrong(e);
        }
    }

    /// <summary>
    /// Reads the template of a checkpoint directory: chat_template.jinja, else <c>chat_template</c> in tokenizer_config.json, else ChatML as Qwen3
    /// uses it.
    /// </summary>
    /// <exception cref="CheckpointException">A file is malformed, or the template uses what is not supported; the message names the line.</exception>
    public static ChatFormat Open(string checkpointDirectory) => new(ChatTemplateFile.Find(checkpointDirectory));

    /// <summary>Renders a chat.</summary>
    /// <param name="messages">The turns so far, at least one.</param>
    /// <param name="addGenerationPrompt">Whether to end with the opening of the assistant's next turn.</param>
    /// <param name="enableThinking">Qwen3: if false, the next turn opens with an empty think block, so that the answer comes at once.</param>
    /// <exception cref="UsageException">There is no message, or the template refuses them.</exception>
    /// <exception cref="CheckpointException">The template uses what is not supported or is not there; the message names the line.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = true, bool enableThinking = true)
    {
        if (messages.Count == 0) throw new UsageException("a chat needs at least one message");
        var variables = new Dictionary<string, object?>
        {
            ["messages"] = messages.Select(message => (object?)AsVariable(message)).ToList(),
            ["add_generation_prompt"] = addGenerationPrompt,
            ["enable_thinking"] = enableThinking,
        };
        foreach (var (name, token) in _file.SpecialTokens) variables[name] = token;
        try
        {
            return _template.Render(variables);
        }
        catch (TemplateException e)
        {
            throw Wrong(e);
        }
    }

    private static Dictionary<string, object?> AsVariable(ChatMessage message) => new() { ["role"] = message.Role, ["content"] = message.Content };

    private CheckpointException Wrong(TemplateException e)
    {
        var line = $"line {e.Line} of the template";
        return new CheckpointException(_file.Path, _file.Field is null ? line : $"{_file.Field}, {line}", Words.Clean(e.Message, limit: 200), e);
    }
}
