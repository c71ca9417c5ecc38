namespace TaH.Tests;

/// <summary>Samples as an evaluation writes them, for what only looks at verdicts.</summary>
internal static class Samples
{
    /// <summary>Samples of a problem: three tokens in 1, 2 and 1.5 passes on average; the first of problem "a" was cut off.</summary>
    public static IEnumerable<EvaluationSample> Of(string task, string id, params bool[] fair) => fair.Select((isRight, number) => new EvaluationSample
    {
        Task = task, Id = id, Number = 0, Sample = number, Seed = number, Prompt = "p", PromptTokens = 1, Gold = "g", Answer = "a",
        Tokens = [1, 2, 3], Iterations = number % 2 == 0 ? [1, 2, 2] : [1, 1, 2], FinishReason = id == "a" && number == 0 ? "length" : "stop",
        Official = false, Fair = isRight, Extracted = null, FairExtracted = "g", Seconds = 0.1,
    });
}
