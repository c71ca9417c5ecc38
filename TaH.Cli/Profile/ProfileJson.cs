using System.Text.Json;

namespace TaH.Cli;

/// <summary>The object that <c>tah profile --json</c> prints; docs/profiling.md describes it.</summary>
internal static class ProfileJson
{
    /// <summary>The object, on one line.</summary>
    public static string Of(ModelProfile profile) => JsonLine.Write(json => WriteMembers(json, profile));

    /// <summary>Writes the object's members.</summary>
    public static void WriteMembers(Utf8JsonWriter json, ModelProfile profile)
    {
        json.WriteString("model", profile.Model);
        json.WriteStartObject("device");
        json.WriteString("kind", profile.Device.Kind.ToString().ToLowerInvariant());
        json.WriteString("name", profile.Device.Name);
        json.WriteString("abilities", profile.Device.Abilities);
        json.WriteEndObject();
        json.WriteStartObject("ceilings");
        json.WriteNumber("read_tb_s", Rounded(profile.Ceilings.ReadBytesPerSecond / 1e12));
        json.WriteNumber("copy_tb_s", Rounded(profile.Ceilings.CopyBytesPerSecond / 1e12));
        json.WriteNumber("matmul_tflop_s", Rounded(profile.Ceilings.MatrixFlopsPerSecond / 1e12));
        json.WriteEndObject();
        json.WriteStartObject("work");
        json.WriteNumber("prompt", profile.Plan.PrefillLength);
        json.WriteNumber("tokens", profile.Plan.Tokens);
        json.WriteNumber("depth", profile.Plan.Depth);
        json.WriteNumber("batch", profile.Plan.Batch);
        json.WriteEndObject();
        json.WriteStartArray("phases");
        foreach (var phase in profile.Phases) Write(json, profile, phase);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ModelProfile profile, ProfilePhase phase)
    {
        json.WriteStartObject();
        json.WriteString("phase", phase.Name);
        json.WriteNumber("tokens", phase.Tokens);
        json.WriteNumber("passes", phase.Passes.Count);
        json.WriteNumber("deep_passes", phase.Passes.Count(pass => pass.Pass.DeepRows > 0));
        json.WriteNumber("launches", phase.Launches);
        json.WriteNumber("tokens_per_s", Rounded(phase.TokensPerSecond));
        json.WriteNumber("share_of_ceiling", Rounded(phase.ShareOf(profile.Ceilings)));
        WriteMicroseconds(json, "plain_us", phase.PlainSeconds);
        WriteMicroseconds(json, "profiled_us", phase.ProfiledSeconds);
        WriteMicroseconds(json, "kernels_us", phase.Busy);
        WriteMicroseconds(json, "gaps_inside_us", phase.GapsInside);
        WriteMicroseconds(json, "gaps_between_us", phase.GapsBetween);
        json.WriteStartArray("kernels");
        foreach (var kernel in phase.Kernels) Write(json, profile, phase, kernel);
        json.WriteEndArray();
        json.WriteStartArray("savings");
        foreach (var saving in phase.Savings(profile.Ceilings))
        {
            json.WriteStartObject();
            json.WriteString("what", saving.What);
            WriteMicroseconds(json, "us", saving.Seconds);
            json.WriteString("why", saving.Why);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ModelProfile profile, ProfilePhase phase, KernelTotal kernel)
    {
        json.WriteStartObject();
        json.WriteString("operation", kernel.Operation);
        json.WriteString("variant", kernel.Variant);
        json.WriteString("stage", kernel.Stage);
        json.WriteString("sizes", kernel.Sizes);
        json.WriteNumber("calls", kernel.Calls);
        WriteMicroseconds(json, "us", kernel.Seconds);
        WriteMicroseconds(json, "min_us", kernel.Shortest);
        WriteMicroseconds(json, "max_us", kernel.Longest);
        json.WriteNumber("share", Rounded(kernel.Seconds / phase.Span));
        json.WriteNumber("bytes", kernel.Bytes);
        json.WriteNumber("flops", kernel.Flops);
        json.WriteNumber("gb_s", Rounded(kernel.BytesPerSecond / 1e9));
        json.WriteNumber("tflop_s", Rounded(kernel.FlopsPerSecond / 1e12));
        json.WriteNumber("share_of_ceiling", Rounded(kernel.ShareOf(profile.Ceilings)));
        json.WriteString("bound", kernel.IsMatrixBound(profile.Ceilings) ? "matrix" : "memory");
        json.WriteEndObject();
    }

    private static void WriteMicroseconds(Utf8JsonWriter json, string name, double seconds) => json.WriteNumber(name, Math.Round(seconds * 1e6, 3));

    private static double Rounded(double value) => double.IsFinite(value) ? Math.Round(value, 6) : 0;
}
