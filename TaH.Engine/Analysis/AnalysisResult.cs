namespace TaH.Engine;

/// <summary>
/// A model on given text: every token of an answer is predicted from the text before it, not from the model's own answer, so that policies differ in
/// nothing but who takes further passes.
/// </summary>
public sealed record AnalysisResult
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>What computed it.</summary>
    public required string Device { get; init; }

    /// <summary>Rows of text.</summary>
    public required int Rows { get; init; }

    /// <summary>Tokens of answers that are followed by another: what all shares are of.</summary>
    public required long Tokens { get; init; }

    /// <summary>Whether the text says which tokens are hard.</summary>
    public required bool HasLabels { get; init; }

    /// <summary>The most passes of a token.</summary>
    public required int MaxIter { get; init; }

    /// <summary>Reference, never, always, oracle and decider, as far as model and text allow.</summary>
    public required IReadOnlyList<PolicyAccuracy> Policies { get; init; }

    /// <summary>The decider at one threshold after the other; empty without one.</summary>
    public required IReadOnlyList<PolicyAccuracy> Sweep { get; init; }

    /// <summary>What the tokens of one policy have in common: the decider's, else the oracle's, else always'; null for a plain model.</summary>
    public required IterationProfile? Iterated { get; init; }

    /// <summary>What the engine takes for some of the rows; null without a decider.</summary>
    public MeasuredGrid? Measured { get; init; }

    /// <summary>Rows to look at.</summary>
    public required IReadOnlyList<AnalysedText> Texts { get; init; }
}

/// <summary>Which tokens take further passes, and what these change.</summary>
/// <param name="Policy">Whose choice of tokens this is.</param>
/// <param name="ByToken">Tokens by what they are: those that iterate most first.</param>
/// <param name="ByNextToken">The same by the token that follows, which the passes are to predict.</param>
/// <param name="Changes">Predictions that further passes change, the most frequent first.</param>
/// <param name="Entropy">Of the first pass's predictions, for tokens that iterate and for the others.</param>
public sealed record IterationProfile(
    string Policy, IReadOnlyList<TokenRate> ByToken, IReadOnlyList<TokenRate> ByNextToken, IReadOnlyList<TokenChange> Changes, EntropyComparison Entropy);

/// <summary>How often a token takes a second pass.</summary>
/// <param name="Token">Its text.</param>
/// <param name="Count">How often it occurs.</param>
/// <param name="IteratedShare">Share of these that takes a second pass.</param>
/// <param name="HardShare">Share that labels call hard; null where there are none.</param>
/// <param name="MeanProbability">The decider's mean probability of going on; null without one.</param>
public sealed record TokenRate(string Token, int Count, double IteratedShare, double? HardShare, double? MeanProbability);

/// <summary>What further passes turn a prediction into.</summary>
/// <param name="From">The first pass's prediction.</param>
/// <param name="To">The last one's.</param>
/// <param name="Count">How often.</param>
/// <param name="Fixed">How often that put it right.</param>
/// <param name="Broken">How often it had been right.</param>
public sealed record TokenChange(string From, string To, int Count, int Fixed, int Broken);

/// <summary>Entropy of next-token distributions, in nats.</summary>
/// <param name="Iterated">Mean behind the first pass, of tokens that take another; null where there are none.</param>
/// <param name="IteratedAfter">Mean of the same behind their last pass.</param>
/// <param name="Others">Mean of tokens that take one pass.</param>
/// <param name="BinWidth">Of the histograms.</param>
/// <param name="IteratedBins">[bins]: share of tokens that iterate, behind the first pass; the last bin holds all above.</param>
/// <param name="OtherBins">[bins]: the same of the others.</param>
public sealed record EntropyComparison(
    double? Iterated, double? IteratedAfter, double? Others, double BinWidth, IReadOnlyList<double> IteratedBins, IReadOnlyList<double> OtherBins);

/// <summary>A row with what became of every token.</summary>
/// <param name="Row">Its number, from 1.</param>
/// <param name="Tokens">In order.</param>
public sealed record AnalysedText(int Row, IReadOnlyList<AnalysedToken> Tokens);

/// <summary>A token of a text.</summary>
/// <param name="Text">Itself.</param>
/// <param name="Iterations">Passes that it takes.</param>
/// <param name="Probability">The decider's, of going on behind the first pass; null without one.</param>
/// <param name="First">What the first pass predicts to follow; null for a token of the prompt.</param>
/// <param name="Last">What the last pass predicts.</param>
/// <param name="IsRight">Whether that follows; null for a token of the prompt.</param>
/// <param name="IsHard">Whether labels call it hard; null where there are none.</param>
/// <param name="Entropy">Behind the first pass, in nats; null for a token of the prompt.</param>
public sealed record AnalysedToken(
    string Text, int Iterations, double? Probability, string? First, string? Last, bool? IsRight, bool? IsHard, double? Entropy);
