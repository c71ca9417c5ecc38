namespace TaH.Engine;

/// <summary>What a model predicts of given text where a policy says which tokens take further passes.</summary>
/// <param name="Policy">reference (the model that made the labels), never, always, oracle or decider.</param>
/// <param name="Threshold">Of the decider, as it was asked for; null for the others.</param>
/// <param name="Accuracy">Share of tokens whose next token is the likeliest one.</param>
/// <param name="HardAccuracy">The same of tokens that the labels call hard; null where there are no labels.</param>
/// <param name="WholeRows">Share of rows of which every token is right.</param>
/// <param name="AverageIterations">Passes of a token.</param>
/// <param name="IteratedShare">Share of tokens that take a second pass.</param>
/// <param name="Loss">Mean cross-entropy, in nats; null for the reference, of which labels alone are known.</param>
/// <param name="Fixed">Tokens that the first pass has wrong and the last one right.</param>
/// <param name="Broken">Tokens that the first pass has right and the last one wrong: what the paper calls latent overthinking.</param>
/// <param name="Decisions">Against the labels; null where there are none, or where nobody decided.</param>
/// <param name="Cost">What it takes; null for the reference.</param>
/// <param name="Kinds">Accuracy of the rows of each kind; empty where rows have none.</param>
public sealed record PolicyAccuracy(
    string Policy, double? Threshold, double Accuracy, double? HardAccuracy, double WholeRows, double AverageIterations, double IteratedShare,
    double? Loss, long Fixed, long Broken, DecisionTable? Decisions, PolicyCost? Cost,
    IReadOnlyDictionary<string, double> Kinds);

/// <summary>Decisions against labels: a token should go on where the labels give it more passes than it has had.</summary>
/// <param name="TruePositives">Should go on, and does.</param>
/// <param name="FalsePositives">Should stop, and goes on.</param>
/// <param name="FalseNegatives">Should go on, and stops.</param>
/// <param name="TrueNegatives">Should stop, and does.</param>
public sealed record DecisionTable(long TruePositives, long FalsePositives, long FalseNegatives, long TrueNegatives)
{
    /// <summary>Share of decisions that are as the labels say.</summary>
    public double Accuracy => Share(TruePositives + TrueNegatives, TruePositives + FalsePositives + FalseNegatives + TrueNegatives);

    /// <summary>Of tokens that go on, the share that should; 0 where none does.</summary>
    public double Precision => Share(TruePositives, TruePositives + FalsePositives);

    /// <summary>Of tokens that should go on, the share that does; 0 where none should.</summary>
    public double Recall => Share(TruePositives, TruePositives + FalseNegatives);

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
