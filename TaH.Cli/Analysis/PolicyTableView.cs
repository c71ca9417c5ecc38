using System.Globalization;
using System.Text.Json;

namespace TaH.Cli;

/// <summary>Shows what policies come to.</summary>
internal static class PolicyTableView
{
    /// <summary>Names as the other verbs write them.</summary>
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>A line for each policy.</summary>
    public static Table Of(PolicyTable table)
    {
        var view = new Table().SimpleBorder().AddColumn("policy");
        foreach (var column in (string[])["next token right", "whole rows right", "average iterations", "loss"])
            view.AddColumn(new TableColumn(column).RightAligned());
        foreach (var policy in table.Policies)
        {
            string[] numbers =
            [
                $"{policy.Accuracy:P2}", $"{policy.WholeRows:P1}", policy.AverageIterations.ToString("F3", CultureInfo.InvariantCulture),
                policy.Loss.ToString("F4", CultureInfo.InvariantCulture),
            ];
            view.AddRow([new Text(policy.Policy), .. numbers.Select(number => new Text(number))]);
        }
        return view.Caption(new TableTitle(
            FormattableString.Invariant($"{table.Model}: {table.LabelledTokens:N0} tokens of {table.Rows:N0} rows, each predicted from the text before it, on {table.Device}"),
            Terminal.Faint));
    }
}
