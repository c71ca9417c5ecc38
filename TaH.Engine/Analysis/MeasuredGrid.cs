namespace TaH.Engine;

/// <summary>What the engine itself takes for some of the text, run as requests under the model's own policy.</summary>
/// <param name="Rows">Rows that were run.</param>
/// <param name="AverageIterations">Passes of a token, prompts included.</param>
/// <param name="Pages">Pages of the KV grid in use when all had run.</param>
/// <param name="PagesOfOnePass">The same where no token takes a second pass.</param>
/// <param name="PageSize">Entries of a page.</param>
public sealed record MeasuredGrid(int Rows, double AverageIterations, int Pages, int PagesOfOnePass, int PageSize)
{
    private const int MostRows = 16;

    /// <summary>Runs rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="texts">Token ids of rows; the first ones are run.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static MeasuredGrid Of(TahModel model, IReadOnlyList<int[]> texts, CancellationToken cancellation)
    {
        int[][] rows = [.. texts.Take(MostRows)];
        var options = new SessionOptions { MaxSequences = rows.Length };
        var (never, _, _) = Run(model, options, rows, new NeverPolicy(), cancellation);
        var (pages, passes, size) = Run(model, options, rows, policy: null, cancellation);
        return new MeasuredGrid(rows.Length, passes, pages, never, size);
    }

    private static (int Pages, double Passes, int PageSize) Run(
        TahModel model, SessionOptions options, int[][] rows, IterationPolicy? policy, CancellationToken cancellation)
    {
        using var session = model.OpenSession(options);
        var conversations = rows.Select(_ => session.OpenConversation()).ToArray();
        // The token that is asked for is drawn from a row's last position; it does not run itself.
        var completions = rows.Select((row, i) =>
            session.Start(new GenerationRequest { Prompt = row, MaxTokens = 1, IgnoreEos = true, Policy = policy }, conversations[i])).ToArray();
        foreach (var _ in session.Stream(completions, cancellation)) { }
        cancellation.ThrowIfCancellationRequested();
        var result = (session.Grid.PagesInUse, completions.SelectMany(completion => completion.PromptIterations).Average(), session.Grid.Shape.PageSize);
        foreach (var conversation in conversations) conversation.Dispose();
        return result;
    }
}
