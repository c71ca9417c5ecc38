namespace TaH.Engine;

/// <summary>Turns problems into what a model goes on from: the checkpoint's chat format, and what the answer begins with.</summary>
internal static class PromptRenderer
{
    // The template may add whatever it likes behind the assistant's words; only what stands before this counts.
    private const string Cut = "-=the-model-goes-on-here=-";

    /// <summary>The text of a prompt.</summary>
    /// <param name="chat">The checkpoint's chat format.</param>
    /// <param name="problem">The problem.</param>
    /// <exception cref="UsageException">The chat format leaves out what the answer begins with.</exception>
    public static string Render(ChatFormat chat, EvaluationProblem problem)
    {
        var user = new ChatMessage("user", problem.Question);
        var task = problem.Task;
        if (task.Prefill.Length == 0) return chat.Render([user], addGenerationPrompt: true, task.Thinking);
        var assistant = new ChatMessage("assistant", $"{task.Prefill}{Cut}\n```\n");
        var text = chat.Render([user, assistant], addGenerationPrompt: false, task.Thinking);
        var cut = text.LastIndexOf(Cut, StringComparison.Ordinal);
        if (cut < 0) throw new UsageException($"the chat template leaves out what the assistant says; task {task.Name} begins its answers");
        return text[..cut];
    }
}
