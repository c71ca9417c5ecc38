using System.Text.Json;
using TaH.Kernels;

namespace TaH.Cli;

/// <summary>A profile as one page that needs no network: the JSON of <see cref="ProfileJson"/> with every launch, and what draws it.</summary>
internal static class ProfilePage
{
    // A page of this many launches is a few megabytes, and browsers draw it without a wait.
    private const int MostLaunches = 40_000;

    /// <summary>The page's text.</summary>
    public static string Of(ModelProfile profile)
    {
        var data = JsonLine.Write(json =>
        {
            ProfileJson.WriteMembers(json, profile);
            json.WriteBoolean("launches_ahead", profile.LaunchesAhead);
            WritePasses(json, profile);
        });
        return HtmlPage.Of("profile", data);
    }

    /// <summary>Each launch as [number of its kernel, layer, start, time], in microseconds from the pass's first.</summary>
    private static void WritePasses(Utf8JsonWriter json, ModelProfile profile)
    {
        var (launches, left) = (0, 0);
        json.WriteStartArray("passes");
        for (var number = 0; number < profile.Phases.Count; number++)
        {
            var phase = profile.Phases[number];
            var kernels = phase.Kernels.Select((kernel, i) => (kernel, i)).ToDictionary(item => KeyOf(item.kernel), item => item.i);
            foreach (var pass in phase.Passes)
            {
                if ((launches += pass.Runs.Count) > MostLaunches) left++;
                else WritePass(json, profile, number, pass, kernels);
            }
        }
        json.WriteEndArray();
        json.WriteNumber("passes_cut", left);
    }

    private static void WritePass(
        Utf8JsonWriter json, ModelProfile profile, int phase, PassSpan pass, Dictionary<(string, string, string, string), int> kernels)
    {
        json.WriteStartObject();
        json.WriteNumber("phase", phase);
        json.WriteString("kind", pass.Kind(profile.Plan.Batch));
        json.WriteNumber("rows", pass.Pass.Rows);
        json.WriteNumber("deep", pass.Pass.DeepRows);
        json.WriteNumber("context", pass.Pass.Context);
        json.WriteNumber("us", Microseconds(pass.Seconds));
        json.WriteStartArray("runs");
        foreach (var run in pass.Runs)
        {
            json.WriteStartArray();
            json.WriteNumberValue(kernels[KeyOf(run)]);
            json.WriteNumberValue(run.Place.Layer);
            json.WriteNumberValue(Microseconds(run.Start - pass.Start));
            json.WriteNumberValue(Microseconds(run.Seconds));
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static (string, string, string, string) KeyOf(KernelTotal kernel) => (kernel.Operation, kernel.Variant, kernel.Stage, kernel.Sizes);

    private static (string, string, string, string) KeyOf(KernelRun run) => (run.Operation, run.Variant, run.Place.Stage, run.Work.Sizes);

    private static double Microseconds(double seconds) => Math.Round(seconds * 1e6, 2);
}
