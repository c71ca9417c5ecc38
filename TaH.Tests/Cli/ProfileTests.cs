using System.Text.Json;
using System.Text.RegularExpressions;
using TaH.Cli;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class ProfileTests(TestDevices devices)
{
    public static TheoryData<string> Devices() => ["cpu", "opencl", "cuda"];

    [Fact]
    public void The_table_is_as_expected()
    {
        var run = CommandRun.Prepare();
        new ProfileSummary(ProfileData.Of(), run.Terminal, all: false).Write();
        Expectation.Equals("profile-report", run.Out);
    }

    [Fact]
    public void The_JSON_is_as_expected() => Expectation.Equals("profile-report.json", ProfileJson.Of(ProfileData.Of()));

    /// <summary>On 80 cells no line is longer, and the least that a table needs is there.</summary>
    [Fact]
    public void A_narrow_screen_gets_fewer_columns()
    {
        var run = CommandRun.Prepare();
        run.Terminal.Out.Profile.Width = 80;
        run.Terminal.Out.Write(new ProfileTable(ProfileData.Of(), ProfileData.Phase(), new KernelColors(ProfileData.Of(), kernel => kernel.Operation), 80, all: true).Build());
        var lines = run.Out.Split('\n');
        Assert.All(lines, line => Assert.True(line.TrimEnd().Length <= 80));
        Assert.Contains("total", run.Out);
        Assert.DoesNotContain("sizes", run.Out);
        Assert.Equal(1, lines.Count(line => line.Contains("TopK", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_trace_nests_and_never_overlaps()
    {
        using var trace = JsonDocument.Parse(ChromeTrace.Of(ProfileData.Of()));
        var events = trace.RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        Assert.All(events, item => Assert.Contains(item.GetProperty("ph").GetString(), (string[])["X", "C", "M"]));
        var slices = events.Where(item => item.GetProperty("ph").GetString() == "X").Select(item => (
            Track: item.GetProperty("tid").GetInt32(), Category: item.GetProperty("cat").GetString(),
            Start: item.GetProperty("ts").GetDecimal(), End: item.GetProperty("ts").GetDecimal() + item.GetProperty("dur").GetDecimal())).ToList();
        Assert.Equal((2, 4, 8, 8, 8), (Of("pass"), Of("layer"), Of("stage"), Of("kernel"), Of("launch")));
        foreach (var track in slices.GroupBy(slice => slice.Track))
        {
            var open = new Stack<decimal>();
            foreach (var slice in track)
            {
                while (open.Count > 0 && open.Peek() <= slice.Start) open.Pop();
                // Each begins inside the one that is open, or behind it, and ends no later.
                if (open.Count > 0) Assert.True(slice.End <= open.Peek());
                open.Push(slice.End);
            }
        }
        int Of(string category) => slices.Count(slice => slice.Category == category);
    }

    [Fact]
    public void A_page_stands_alone_and_holds_every_kernel()
    {
        var page = ProfilePage.Of(ProfileData.Of());
        Assert.DoesNotContain("{{", page);
        Assert.DoesNotMatch(@"(?:src|href)\s*=|https?:|@import|url\(", page);
        Assert.DoesNotContain("a </script> model", page);
        using var data = JsonDocument.Parse(Regex.Match(page, "id=\"data\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value);
        Assert.Equal("a </script> model", data.RootElement.GetProperty("model").GetString());
        var kernels = data.RootElement.GetProperty("phases")[0].GetProperty("kernels").EnumerateArray().Select(kernel => kernel.GetProperty("operation").GetString());
        Assert.Equal(["MatMul", "TopK", "Lora <\"&>"], kernels);
        var runs = data.RootElement.GetProperty("passes").EnumerateArray().SelectMany(pass => pass.GetProperty("runs").EnumerateArray()).ToList();
        Assert.Equal([0, 0, 1, 2, 0, 0, 1, 2], runs.Select(run => run[0].GetInt32()));
        Assert.Equal([0m, 12m, 24m, 36m, 0m, 12m, 24m, 36m], runs.Select(run => run[2].GetDecimal()));
    }

    /// <summary>From the command line to the files, on the shipped model.</summary>
    [Theory, MemberData(nameof(Devices))]
    public void The_shipped_model_is_profiled(string device)
    {
        devices.OpenOrSkip(Enum.Parse<DeviceKind>(device, ignoreCase: true));
        using var files = new TemporaryDirectory();
        string[] command = ["profile", "--ids", "538,277,198", "-n", "3", "--device", device, "-r", "1", "--trace", files.At("t.json"), "--report", files.At("r.html"), "--json"];
        var run = CommandRun.Of(command);
        using var json = JsonDocument.Parse(run.Succeeded());
        var phases = json.RootElement.GetProperty("phases").EnumerateArray().ToList();
        Assert.Equal(["prefill", "decode"], phases.Select(phase => phase.GetProperty("phase").GetString()));
        Assert.Equal([3, 3], phases.Select(phase => phase.GetProperty("tokens").GetInt32()));
        var page = File.ReadAllText(files.At("r.html"));
        var trace = File.ReadAllText(files.At("t.json"));
        foreach (var kernel in phases.SelectMany(phase => phase.GetProperty("kernels").EnumerateArray()))
        {
            var name = kernel.GetProperty("operation").GetString()!;
            Assert.Contains($"\"{name}\"", page);
            Assert.Contains($"\"{name}\"", trace);
        }
        Assert.Contains("open it in a browser", run.Error);
    }
}
