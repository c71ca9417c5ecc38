namespace TaH.Engine;

/// <summary>Everything that an analysis adds up: one tally a policy, and the one policy whose tokens are looked at one by one.</summary>
internal sealed class AnalysisSums
{
    private const string Never = "never", Always = "always", Oracle = "oracle", Decider = "decider";

    private readonly ModelDescription _model;
    private readonly bool _hasLabels;
    private readonly string _device;
    private readonly IterationProfiler _profiler;
    private readonly ReferenceTally _reference = new();
    private readonly List<AnalysedPolicy> _policies = [];
    private readonly List<AnalysedPolicy> _sweep = [];

    /// <summary>Chooses the policies that model and text allow.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="model">The model.</param>
    /// <param name="scope">Which depths a row sees.</param>
    /// <param name="texts">Tokens as people read them.</param>
    /// <param name="hasLabels">Whether the text says which tokens are hard.</param>
    /// <param name="device">The device's name.</param>
    public AnalysisSums(AnalysisRequest request, ModelDescription model, AttentionScope scope, TokenTexts texts, bool hasLabels, string device)
    {
        (_model, _hasLabels, _device) = (model, hasLabels, device);
        var iterates = model.Shape.Depths > 1;
        var decider = iterates ? model.Decider : null;
        var looked = decider is not null ? Decider : iterates && hasLabels ? Oracle : iterates ? Always : Never;
        _profiler = new IterationProfiler(looked, texts, hasLabels, request.Texts);
        AnalysedPolicy Policy(string name, Func<PackedBatch, int, int, float, bool> goesOn, double? threshold = null, bool isLookedAt = false)
        {
            var tally = new PolicyTally(name, threshold, hasLabels, decides: threshold is not null, new PolicyCostCounter(model, scope));
            return new AnalysedPolicy(tally, goesOn, isLookedAt ? _profiler : null);
        }
        _policies.Add(Policy(Never, (_, _, _, _) => false, isLookedAt: looked == Never));
        if (!iterates) return;
        _policies.Add(Policy(Always, (_, _, _, _) => true, isLookedAt: looked == Always));
        if (hasLabels)
            _policies.Add(Policy(Oracle, (batch, token, depth, _) => batch.IterationCounts[token] > depth + 1, isLookedAt: looked == Oracle));
        if (decider is null) return;
        AnalysedPolicy Learned(double threshold, bool isLookedAt = false)
        {
            var policy = new LearnedPolicy((decider with { Threshold = threshold }).EffectiveThreshold);
            return Policy(Decider, (batch, token, depth, logit) => policy.GoesOn(batch.Positions[token], depth, logit), threshold, isLookedAt);
        }
        _policies.Add(Learned(decider.Threshold, isLookedAt: true));
        _sweep.AddRange(request.Thresholds.Order().Distinct().Select(threshold => Learned(threshold)));
    }

    /// <summary>All policies, in the order in which they run.</summary>
    public IEnumerable<AnalysedPolicy> Policies => _policies.Concat(_sweep);

    /// <summary>Adds what is known of a batch before anybody runs it.</summary>
    public void Add(PackedBatch batch, bool[] isAsked, ReadOnlySpan<string?> kinds) => _reference.Add(batch, isAsked, kinds);

    /// <summary>What it came to.</summary>
    public AnalysisResult Result() => new()
    {
        Model = _model.Name, Device = _device, Rows = _reference.Rows, Tokens = _reference.Tokens, HasLabels = _hasLabels,
        MaxIter = _model.Shape.Depths,
        Policies = [.. _hasLabels ? [_reference.Result()] : Array.Empty<PolicyAccuracy>(), .. _policies.Select(policy => policy.Result)],
        Sweep = [.. _sweep.Select(policy => policy.Result)],
        Iterated = _model.Shape.Depths > 1 ? _profiler.Result() : null,
        Texts = _profiler.Texts,
    };
}
