namespace TaH.Cli;

/// <summary>The object that <c>tah bench --json</c> prints: names and types are a contract with scripts.</summary>
internal static class BenchJson
{
    private const double Tera = 1e12;

    /// <summary>The object, on one line.</summary>
    public static string Of(BenchReport report) => JsonLine.Write(json =>
    {
        json.WriteStartObject("device");
        json.WriteString("kind", report.Device.Kind.ToString().ToLowerInvariant());
        json.WriteString("name", report.Device.Name);
        json.WriteString("abilities", report.Device.Abilities);
        json.WriteEndObject();
        json.WriteStartObject("ceilings");
        json.WriteNumber("read_tb_s", Rounded(report.Ceilings.ReadBytesPerSecond / Tera));
        json.WriteNumber("copy_tb_s", Rounded(report.Ceilings.CopyBytesPerSecond / Tera));
        json.WriteNumber("matmul_tflop_s", Rounded(report.Ceilings.MatrixFlopsPerSecond / Tera));
        json.WriteEndObject();
        json.WriteStartArray("rows");
        foreach (var row in report.Rows)
        {
            json.WriteStartObject();
            json.WriteString("test", row.Test.Name);
            json.WriteString("model", report.Model);
            json.WriteNumber("batch", row.Batch);
            json.WriteNumber("depth", row.Test.Depth);
            json.WriteNumber("continue_rate", Rounded(row.ContinueRate));
            json.WriteNumber("tokens_per_s", Rounded(row.TokensPerSecond));
            json.WriteNumber("sd", Rounded(row.StandardDeviation));
            json.WriteNumber("share_of_ceiling", Rounded(row.ShareOf(report.Ceilings)));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    // A processor reads hundredths of a TB/s: four digits behind the point would be two that say something.
    private static double Rounded(double value) => Math.Round(value, 6);
}
