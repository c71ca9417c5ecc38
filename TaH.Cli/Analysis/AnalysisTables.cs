using System.Globalization;

namespace TaH.Cli;

/// <summary>An analysis on the terminal: a table for each question.</summary>
/// <param name="result">What came out.</param>
internal sealed class AnalysisTables(AnalysisResult result)
{
    private const int Listed = 10;

    private readonly PolicyCost _plain = result.Policies.Single(policy => policy.Policy == "never").Cost!;
    private readonly string[] _kinds = [.. result.Policies.SelectMany(policy => policy.Kinds.Keys).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Writes all tables that the result has something for.</summary>
    public void Write(Terminal terminal)
    {
        terminal.Out.Write(Policies());
        if (_kinds.Length > 0) terminal.Out.Write(Kinds());
        if (result.Sweep.Count > 0) terminal.Out.Write(Sweep());
        if (result.Policies.LastOrDefault(policy => policy.Decisions is not null) is { } decider) terminal.Out.Write(Decisions(decider));
        if (result.Iterated is not { } iterated) return;
        if (iterated.ByToken.Count > 0) terminal.Out.Write(Tokens("token", $"tokens that iterate most ({iterated.Policy})", iterated.ByToken));
        if (iterated.ByNextToken.Count > 0) terminal.Out.Write(Tokens("next token", "tokens in front of which most iterate", iterated.ByNextToken));
        if (iterated.Changes.Count > 0) terminal.Out.Write(Changes(iterated.Changes));
        terminal.Out.WriteLine(Entropy(iterated));
        if (result.Measured is { } measured) terminal.Out.WriteLine(Measured(measured));
    }

    private Table Policies()
    {
        var table = TableOf(
            "policy", "next token right", "of hard tokens", "whole answers", "passes", "loss", "fixed", "broken", "FLOP/token", "bytes", "KV");
        foreach (var policy in result.Policies)
        {
            AddRow(table, NameOf(policy), Percent(policy.Accuracy), policy.HardAccuracy is { } hard ? Percent(hard) : "", Measures.Percent(policy.WholeRows), Passes(policy),
                policy.Loss is { } loss ? loss.ToString("F4", CultureInfo.InvariantCulture) : "",
                policy.Cost is null ? "" : Count(policy.Fixed), policy.Cost is null ? "" : Count(policy.Broken),
                policy.Cost is null ? "" : Measures.Count(policy.Cost.Flops), Times(policy.Cost?.Bytes / _plain.Bytes),
                Times(policy.Cost?.KvBytes / _plain.KvBytes));
        }
        var caption = FormattableString.Invariant($"{result.Model}: {result.Tokens:N0} tokens of {result.Rows:N0} rows, ")
            + $"each predicted from the text before it, on {result.Device}";
        return table.Caption(new TableTitle(caption, Terminal.Faint));
    }

    private Table Kinds()
    {
        var table = TableOf("policy", _kinds);
        foreach (var policy in result.Policies)
            AddRow(table, [NameOf(policy), .. _kinds.Select(kind => policy.Kinds.TryGetValue(kind, out var share) ? Percent(share) : "")]);
        return table.Title("next token right, by kind of row");
    }

    private Table Sweep()
    {
        var table = TableOf("threshold", "next token right", "take a second pass", "passes", "fixed", "broken", "precision", "recall");
        foreach (var point in result.Sweep)
        {
            var decisions = point.Decisions;
            AddRow(table, Number(point.Threshold!.Value), Percent(point.Accuracy), Measures.Percent(point.IteratedShare), Passes(point),
                Count(point.Fixed), Count(point.Broken), decisions is null ? "" : Measures.Percent(decisions.Precision),
                decisions is null ? "" : Measures.Percent(decisions.Recall));
        }
        return table.Title("the decider by threshold");
    }

    private static Table Decisions(PolicyAccuracy decider)
    {
        var decisions = decider.Decisions!;
        var table = TableOf("labels say", "goes on", "stops");
        AddRow(table, "hard: go on", Count(decisions.TruePositives), Count(decisions.FalseNegatives));
        AddRow(table, "easy: stop", Count(decisions.FalsePositives), Count(decisions.TrueNegatives));
        var caption = $"right {Percent(decisions.Accuracy)}, precision {Measures.Percent(decisions.Precision)}, recall {Measures.Percent(decisions.Recall)}";
        return table.Title($"decisions at threshold {Number(decider.Threshold!.Value)}").Caption(new TableTitle(caption, Terminal.Faint));
    }

    private static Table Tokens(string column, string title, IReadOnlyList<TokenRate> rates)
    {
        var table = TableOf(column, "times", "iterates", "probability", "hard");
        foreach (var rate in rates.Take(Listed))
        {
            AddRow(table, VisibleToken.Of(rate.Token), Count(rate.Count), Measures.Percent(rate.IteratedShare),
                rate.MeanProbability is { } probability ? Measures.Percent(probability) : "", rate.HardShare is { } hard ? Measures.Percent(hard) : "");
        }
        return table.Title(title);
    }

    private static Table Changes(IReadOnlyList<TokenChange> changes)
    {
        var table = TableOf("first pass says", "last pass says", "times", "fixed", "broken");
        foreach (var change in changes.Take(Listed))
            AddRow(table, VisibleToken.Of(change.From), VisibleToken.Of(change.To), Count(change.Count), Count(change.Fixed), Count(change.Broken));
        return table.Title("what further passes change");
    }

    private static string Entropy(IterationProfile profile)
    {
        static string Nats(double? value) => value is { } number ? number.ToString("F3", CultureInfo.InvariantCulture) : "none";
        var entropy = profile.Entropy;
        return $"mean entropy in nats: {Nats(entropy.Iterated)} of tokens that iterate, {Nats(entropy.IteratedAfter)} behind their last pass; "
            + $"{Nats(entropy.Others)} of the others";
    }

    private static string Measured(MeasuredGrid grid) =>
        FormattableString.Invariant($"measured, {grid.Rows} rows run as requests: {grid.AverageIterations:F3} passes a token with prompts; ")
        + FormattableString.Invariant($"{grid.Pages:N0} KV pages of {grid.PageSize} entries, {(double)grid.Pages / grid.PagesOfOnePass:F2}x those of one pass");

    private static string NameOf(PolicyAccuracy policy) =>
        policy.Threshold is { } threshold ? $"{policy.Policy} {Number(threshold)}" : policy.Policy;

    private static Table TableOf(string first, params string[] columns)
    {
        var table = new Table().SimpleBorder().AddColumn(first);
        foreach (var column in columns) table.AddColumn(new TableColumn(column).RightAligned());
        return table;
    }

    private static void AddRow(Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    private static string Passes(PolicyAccuracy policy) => policy.AverageIterations.ToString("F3", CultureInfo.InvariantCulture);

    private static string Percent(double share) => share.ToString("P2", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Times(double? factor) => factor is { } value ? value.ToString("F2", CultureInfo.InvariantCulture) + "x" : "";
}
