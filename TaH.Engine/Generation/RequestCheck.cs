namespace TaH.Engine;

/// <summary>Refuses requests that contradict themselves, the model or the session.</summary>
internal sealed class RequestCheck(TahModel model, KvGrid grid)
{
    public void Check(GenerationRequest request)
    {
        request.Validate();
        StopStrings.Check(request.StopStrings);
        CheckPolicy(request.Policy ?? model.DefaultPolicy);
        CheckTokens(request.Prompt);
        if (request.StopStrings.Count > 0 && model.Tokenizer is null)
            throw new UsageException($"{model.Name} has no tokenizer.json, so stop strings cannot be found");
        var maxIter = request.MaxIter ?? model.MaxIterFor(request.Policy ?? model.DefaultPolicy);
        if (maxIter < 1 || maxIter > grid.Shape.Depths)
            throw new UsageException($"max-iter is {maxIter}; this session has room for 1 to {grid.Shape.Depths}");
    }

    /// <summary>Checks that the model has the decider that a policy asks.</summary>
    public void CheckPolicy(IterationPolicy policy)
    {
        if (policy.NeedsDecider && model.Weights.Decider is null)
            throw new UsageException($"{model.Name} has no trained decider; use the policy never or always");
    }

    /// <summary>Checks that the model knows every token of a prompt and that the prompt fits.</summary>
    public void CheckTokens(IReadOnlyList<int> prompt)
    {
        if (prompt.Count == 0) throw new UsageException("the prompt is empty; at least one token is needed");
        if (prompt.Count > grid.ContextLimit)
            throw new UsageException($"the prompt has {prompt.Count:N0} tokens; the context holds {grid.ContextLimit:N0}");
        for (var i = 0; i < prompt.Count; i++)
        {
            if ((uint)prompt[i] >= (uint)model.Config.VocabSize)
            {
                throw new UsageException(
                    $"token {prompt[i]} at place {i} of the prompt is out of the vocabulary; ids run from 0 to {model.Config.VocabSize - 1}");
            }
        }
    }
}
