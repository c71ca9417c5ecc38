using System.Text;

namespace TaH.Cli;

/// <summary>A report as a Markdown table, aligned for those who read it as it is, and below it what it was measured on.</summary>
internal static class BenchMarkdown
{
    private const int FirstNumber = 2; // columns from here on are aligned to the right
    private static readonly string[] Titles = ["model", "test", "batch", "continue rate", "tokens/s", "of ceiling"];

    /// <summary>The lines, without the last one's end.</summary>
    public static string Of(BenchReport report)
    {
        var rows = report.Rows.Select(row => Cells(report, row)).ToList();
        var widths = Titles.Select((title, column) => rows.Select(row => row[column].Length).Append(title.Length).Max()).ToArray();
        var text = new StringBuilder();
        text.AppendLine(Line(Titles, widths));
        text.AppendLine(Line([.. widths.Select(Rule)], widths));
        foreach (var row in rows) text.AppendLine(Line(row, widths));
        return text.AppendLine().Append(About(report)).ToString();
    }

    private static string[] Cells(BenchReport report, BenchmarkRow row) =>
    [
        $"{report.Model} {report.WeightType}",
        row.Test.Name,
        FormattableString.Invariant($"{row.Batch}"),
        FormattableString.Invariant($"{row.ContinueRate:0.####}"),
        FormattableString.Invariant($"{row.TokensPerSecond:F2} ± {row.StandardDeviation:F2}"),
        FormattableString.Invariant($"{100 * row.ShareOf(report.Ceilings):F1} %"),
    ];

    /// <summary>Under a title; a colon at its end sets a column of numbers to the right.</summary>
    private static string Rule(int width, int column) => column < FirstNumber ? new string('-', width) : new string('-', width - 1) + ":";

    private static string Line(string[] cells, int[] widths)
    {
        var padded = cells.Select((cell, column) => column < FirstNumber ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
        return $"| {string.Join(" | ", padded)} |";
    }

    private static string About(BenchReport report)
    {
        var (device, ceilings, product) = (report.Device, report.Ceilings, report.Ceilings.MatrixShape);
        var (read, copy, flops) = (ceilings.ReadBytesPerSecond / 1e9, ceilings.CopyBytesPerSecond / 1e9, ceilings.MatrixFlopsPerSecond / 1e12);
        FormattableString rates = $"read {read:N1} GB/s, copy {copy:N1} GB/s (read and written), matrix product {flops:N3} TFLOP/s";
        FormattableString shape = $"this engine's own kernel at {product.Rows} x {product.Inner} x {product.Outer}";
        return $"""
            {device.Selector}: {device.Name} ({device.Abilities}).
            Ceilings, measured in this process: {FormattableString.Invariant(rates)} ({FormattableString.Invariant(shape)}).
            "Of ceiling": the time to read every pass's bytes once (weights, keys and values), or in prefill to do its operations, over the time it took.
            """;
    }
}
