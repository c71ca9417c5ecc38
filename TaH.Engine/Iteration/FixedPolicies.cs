namespace TaH.Engine;

/// <summary>One pass for every token: the plain model.</summary>
public sealed class NeverPolicy : IterationPolicy
{
    /// <inheritdoc/>
    public override bool NeedsDecider => false;

    /// <inheritdoc/>
    public override bool MayGoOn(int position, int depth) => false;

    /// <inheritdoc/>
    public override bool GoesOn(int position, int depth, float deciderLogit) => false;
}

/// <summary>As many passes as the model allows, for every token.</summary>
public sealed class AlwaysPolicy : IterationPolicy
{
    /// <inheritdoc/>
    public override bool NeedsDecider => false;

    /// <inheritdoc/>
    public override bool MayGoOn(int position, int depth) => true;

    /// <inheritdoc/>
    public override bool GoesOn(int position, int depth, float deciderLogit) => true;
}

/// <summary>The oracle: labels say how many passes each position takes (<c>IterLabelDecider</c> of the official code).</summary>
/// <param name="counts">Passes for each position; -100 means one. Positions beyond the list take one.</param>
public sealed class LabelPolicy(IReadOnlyList<int> counts) : IterationPolicy
{
    /// <inheritdoc/>
    public override bool NeedsDecider => false;

    /// <inheritdoc/>
    public override bool MayGoOn(int position, int depth) => position < counts.Count && counts[position] > depth + 1;

    /// <inheritdoc/>
    public override bool GoesOn(int position, int depth, float deciderLogit) => MayGoOn(position, depth);
}
