namespace TaH.Engine;

/// <summary>The prompts of a plan, each rendered and encoded once.</summary>
internal sealed class PromptTable
{
    private readonly Dictionary<EvaluationProblem, EncodedPrompt> _prompts = new(ReferenceEqualityComparer.Instance);

    /// <summary>Renders all of them.</summary>
    /// <exception cref="UsageException">One is too long for the model; the message names its problem.</exception>
    public PromptTable(TahModel model, EvaluationPlan plan)
    {
        var limit = plan.Request.Session.ContextLimit ?? model.Config.MaxPositions;
        var tokenizer = model.RequireTokenizer();
        foreach (var problem in plan.Problems)
        {
            var text = PromptRenderer.Render(model.Chat!, problem);
            var ids = tokenizer.Encode(text);
            if (ids.Length > limit)
            {
                throw new UsageException(FormattableString.Invariant(
                    $"the prompt of {problem.Id} (task {problem.Task.Name}) has {ids.Length:N0} tokens; the context holds {limit:N0}"));
            }
            _prompts.Add(problem, new EncodedPrompt(text, ids));
            LongestContext = Math.Min(limit, Math.Max(LongestContext, (int)Math.Min(int.MaxValue, (long)ids.Length + problem.Task.MaxNewTokens)));
        }
    }

    /// <summary>Positions that the longest prompt and its answer take together, within the model's.</summary>
    public int LongestContext { get; } = 1;

    /// <summary>The prompt of a problem.</summary>
    public EncodedPrompt this[EvaluationProblem problem] => _prompts[problem];
}

/// <summary>A prompt as text and as tokens.</summary>
internal sealed record EncodedPrompt(string Text, int[] Ids);
