using System.Text.Json;
using TaH.Kernels;

namespace TaH.Cli;

/// <summary>
/// A profile in the Trace Event Format of Chrome, which Perfetto reads too: on one track passes, in them layers, stages and kernels; on another the
/// host's launches where they run ahead; and the rate of each kernel as counters.
/// </summary>
internal static class ChromeTrace
{
    private const int Process = 1;
    private const int DeviceTrack = 1;
    private const int HostTrack = 2;

    /// <summary>The file's text.</summary>
    public static string Of(ModelProfile profile) => JsonLine.Write(json =>
    {
        json.WriteString("displayTimeUnit", "ns");
        json.WriteStartObject("otherData");
        json.WriteString("model", profile.Model);
        json.WriteString("device", profile.Device.Name);
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        Name(json, "process_name", 0, $"{profile.Model} on {profile.Device.Name}");
        Name(json, "thread_name", DeviceTrack, profile.Device.Selector);
        if (profile.LaunchesAhead) Name(json, "thread_name", HostTrack, "host: launches");
        foreach (var phase in profile.Phases)
        {
            foreach (var pass in phase.Passes) WritePass(json, profile, pass);
        }
        json.WriteEndArray();
    });

    private static void WritePass(Utf8JsonWriter json, ModelProfile profile, PassSpan pass)
    {
        Slice(json, $"{pass.Kind(profile.Plan.Batch)} {pass.Number}", "pass", pass.Runs, arguments =>
        {
            arguments.WriteNumber("rows", pass.Pass.Rows);
            arguments.WriteNumber("deep rows", pass.Pass.DeepRows);
            arguments.WriteNumber("context", pass.Pass.Context);
        });
        foreach (var layer in Stretches(pass.Runs, run => run.Place.Layer))
        {
            if (layer[0].Place.Layer >= 0) Slice(json, $"layer {layer[0].Place.Layer}", "layer", layer);
            foreach (var stage in Stretches(layer, run => run.Place.Stage))
            {
                Slice(json, stage[0].Place.Stage, "stage", stage);
                foreach (var run in stage) WriteKernel(json, profile, run);
            }
        }
    }

    private static void WriteKernel(Utf8JsonWriter json, ModelProfile profile, KernelRun run)
    {
        Slice(json, run.Operation, "kernel", [run], arguments =>
        {
            arguments.WriteString("variant", run.Variant);
            arguments.WriteString("sizes", run.Work.Sizes);
            arguments.WriteNumber("bytes", run.Work.Bytes);
            arguments.WriteNumber("flops", run.Work.Flops);
            arguments.WriteNumber("GB/s", Rate(run.Work.Bytes, run));
            arguments.WriteNumber("TFLOP/s", Rate(run.Work.Flops, run) / 1e3);
        });
        Counter(json, "GB/s", run.Start, Rate(run.Work.Bytes, run));
        Counter(json, "GB/s", run.End, 0);
        if (!profile.LaunchesAhead) return;
        var (start, end) = (Nanoseconds(run.LaunchStart), Nanoseconds(run.LaunchStart + run.LaunchSeconds));
        Slice(json, run.Operation, "launch", HostTrack, start, end, arguments: null);
    }

    /// <summary>Neighbours that agree in something, together.</summary>
    private static IEnumerable<IReadOnlyList<KernelRun>> Stretches<TKey>(IReadOnlyList<KernelRun> runs, Func<KernelRun, TKey> key)
    {
        var stretch = new List<KernelRun>();
        foreach (var run in runs)
        {
            if (stretch.Count > 0 && !Equals(key(stretch[0]), key(run)))
            {
                yield return stretch;
                stretch = [];
            }
            stretch.Add(run);
        }
        if (stretch.Count > 0) yield return stretch;
    }

    private static void Slice(
        Utf8JsonWriter json, string name, string category, IReadOnlyList<KernelRun> runs, Action<Utf8JsonWriter>? arguments = null) =>
        Slice(json, name, category, DeviceTrack, Nanoseconds(runs[0].Start), Nanoseconds(runs[^1].End), arguments);

    private static void Slice(
        Utf8JsonWriter json, string name, string category, int track, long start, long end, Action<Utf8JsonWriter>? arguments)
    {
        json.WriteStartObject();
        json.WriteString("ph", "X");
        json.WriteString("name", name);
        json.WriteString("cat", category);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", track);
        // Decimals, from whole nanoseconds: what ends with the slice around it must not seem to end after it.
        json.WriteNumber("ts", start / 1000m);
        json.WriteNumber("dur", (end - start) / 1000m);
        if (arguments is not null)
        {
            json.WriteStartObject("args");
            arguments(json);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Counter(Utf8JsonWriter json, string name, double seconds, double value)
    {
        json.WriteStartObject();
        json.WriteString("ph", "C");
        json.WriteString("name", name);
        json.WriteNumber("pid", Process);
        json.WriteNumber("ts", Nanoseconds(seconds) / 1000m);
        json.WriteStartObject("args");
        json.WriteNumber("value", value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Name(Utf8JsonWriter json, string what, int track, string name)
    {
        json.WriteStartObject();
        json.WriteString("ph", "M");
        json.WriteString("name", what);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", track);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static long Nanoseconds(double seconds) => (long)Math.Round(seconds * 1e9);

    private static double Rate(long amount, KernelRun run) => run.Seconds > 0 ? Math.Round(amount / run.Seconds / 1e9, 3) : 0;
}
