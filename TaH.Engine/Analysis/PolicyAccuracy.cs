namespace TaH.Engine;

/// <summary>What a model predicts of given text where a policy says which tokens take further passes.</summary>
/// <param name="Policy">never, always, oracle or decider.</param>
/// <param name="Accuracy">Share of labelled tokens whose next token is the likeliest one.</param>
/// <param name="WholeRows">Share of rows of which every labelled token is right.</param>
/// <param name="AverageIterations">Passes of a labelled token.</param>
/// <param name="Loss">Mean cross-entropy of labelled tokens, in nats.</param>
public sealed record PolicyAccuracy(string Policy, double Accuracy, double WholeRows, double AverageIterations, double Loss);

/// <summary>A model on given text under every policy that can be asked of it.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Rows">Rows of text.</param>
/// <param name="LabelledTokens">Tokens that were predicted.</param>
/// <param name="Device">What computed it.</param>
/// <param name="Policies">One for each policy.</param>
public sealed record PolicyTable(string Model, int Rows, long LabelledTokens, string Device, IReadOnlyList<PolicyAccuracy> Policies);
