using System.Text;

namespace TaH.Cli;

/// <summary>A report as CSV (RFC 4180): one line a row, with device and ceilings on each, so that files can be joined.</summary>
internal static class BenchCsv
{
    private const string Header =
        "test,model,batch,depth,continue_rate,tokens_per_s,sd,share_of_ceiling,device,abilities,read_tb_s,copy_tb_s,matmul_tflop_s";

    /// <summary>The lines, the first of them the columns' names, without the last line's end.</summary>
    public static string Of(BenchReport report)
    {
        var (device, ceilings) = (report.Device, report.Ceilings);
        FormattableString about =
            $"{Quoted(device.Name)},{Quoted(device.Abilities)},{ceilings.ReadBytesPerSecond / 1e12:F4},{ceilings.CopyBytesPerSecond / 1e12:F4},";
        FormattableString product = $"{ceilings.MatrixFlopsPerSecond / 1e12:F4}";
        var lines = new StringBuilder(Header);
        foreach (var row in report.Rows)
        {
            FormattableString test = $"\n{row.Test.Name},{Quoted(report.Model)},{row.Batch},{row.Test.Depth},{row.ContinueRate:0.####},";
            FormattableString speed = $"{row.TokensPerSecond:F3},{row.StandardDeviation:F3},{row.ShareOfCeiling:F4},";
            foreach (var part in (FormattableString[])[test, speed, about, product]) lines.Append(FormattableString.Invariant(part));
        }
        return lines.ToString();
    }

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
