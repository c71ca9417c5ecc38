namespace TaH.Engine;

/// <summary>Turns problems into what a model goes on from: the checkpoint's chat format, and what the answer begins with.</summary>
internal static class PromptRenderer
{
    // The template may add whatever it likes behind the assistant's words; only what stands before this counts.
    private const string Cut = "-=the-model-goes-on-here=-";

    /// <summary>The text of a prompt.</summary>
    /// <param name="model">Its chat format is used.</param>
    /// <param name="problem">The problem.</param>
    /// <exception cref="UsageException">The model has no tokenizer.</exception>
    public static string Render(TahModel model, EvaluationProblem problem)
    {
        model.RequireTokenizer();
        var user = new ChatMessage("user", problem.Question);
        var task = problem.Task;
        if (task.Prefill.Length == 0) return model.Chat!.Render([user], addGenerationPrompt: true, task.Thinking);
        var assistant = new ChatMessage("assistant", $"{task.Prefill}{Cut}\n```\n");
        var text = model.Chat!.Render([user, assistant], addGenerationPrompt: false, task.Thinking);
        var cut = text.LastIndexOf(Cut, StringComparison.Ordinal);
        if (cut < 0) throw new UsageException($"the chat template of {model.Name} leaves out what the assistant says; task {task.Name} begins its answers");
        return text[..cut];
    }
}
