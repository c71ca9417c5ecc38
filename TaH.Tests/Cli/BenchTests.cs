using System.Text.Json;
using TaH.Cli;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class BenchTests
{
    private static readonly BenchReport Report = new(
        "qwen3-0.6b", "bf16", new DeviceInfo(DeviceKind.Cpu, 0, "A \"Fine\" Processor, 3 GHz", 1, IsGpu: false, "2 threads, AVX2"),
        new DeviceCeilings(25.25e9, 20.5e9, 0.1875e12, new MatMulShape(512, 2048, 2048)),
        [
            new BenchmarkRow(new BenchmarkTest(BenchmarkKind.Prefill, 512, 0), Batch: 1, ContinueRate: 0, 150.125, 1.5, [new(1_000_000_000, 480_000_000_000)]),
            new BenchmarkRow(new BenchmarkTest(BenchmarkKind.Decode, 128, 8192), Batch: 32, ContinueRate: 0.07, 20.5, 0.25, [new(2_525_000_000_000, 1)]),
        ]);

    [Fact]
    public void The_table_is_as_expected() => Expectation.Equals("bench-report.md", BenchMarkdown.Of(Report));

    [Fact]
    public void The_CSV_is_as_expected() => Expectation.Equals("bench-report.csv", BenchCsv.Of(Report));

    [Fact]
    public void The_JSON_is_as_expected() => Expectation.Equals("bench-report.json", BenchJson.Of(Report));

    /// <summary>Names and their order are what scripts were promised.</summary>
    [Fact]
    public void A_run_prints_one_object_and_its_progress_elsewhere()
    {
        var run = CommandRun.Of("bench", "--device", "cpu", "-p", "4", "-n", "3", "-d", "0,8", "-b", "2", "--continue-rate", "0,0.5", "-r", "2", "--json");
        var root = JsonDocument.Parse(run.Succeeded()).RootElement;
        Assert.Equal(["device", "ceilings", "rows"], Names(root));
        Assert.Equal(["read_tb_s", "copy_tb_s", "matmul_tflop_s"], Names(root.GetProperty("ceilings")));
        var rows = root.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(8, rows.Count);
        Assert.All(rows, row => Assert.Equal(
            ["test", "model", "batch", "depth", "continue_rate", "tokens_per_s", "sd", "share_of_ceiling"], Names(row)));
        Assert.Equal(["pp4", "tg3", "pp4 @ d8", "tg3 @ d8"], rows.Take(4).Select(row => row.GetProperty("test").GetString()));
        var last = rows[7];
        Assert.Equal(
            (2, 8, 0.5), (last.GetProperty("batch").GetInt32(), last.GetProperty("depth").GetInt32(), last.GetProperty("continue_rate").GetDouble()));
        Assert.Contains("[8/8] tg3 @ d8, batch 2, continue rate 0.5: ", run.Error);
    }

    [Fact]
    public void A_context_that_the_model_lacks_is_bad_usage() => Assert.Equal(
        "tah-tiny has 2,048 positions; a context of 2,560 cannot be had", CommandRun.Of("bench", "--device", "cpu", "-d", "2048").FailedWith(2));

    [Fact]
    public void A_plain_model_has_no_second_passes_to_force()
    {
        using var plain = new TemporaryDirectory(Golden.TinyModel);
        Directory.Delete(plain.At("lora"), recursive: true);
        File.Delete(plain.At("iter_decider.bin"));
        File.Delete(plain.At("tah_config.json"));
        string[] test = ["bench", "--device", "cpu", "--model", plain.Path, "-p", "0", "-n", "2", "-r", "1", "-o", "csv"];
        Assert.Contains("has no trained decider, so a share of tokens cannot be sent through a second pass", CommandRun.Of([.. test, "--continue-rate", "0.5"]).FailedWith(2));
        Assert.Contains("\ntg2,", CommandRun.Of(test).Succeeded());
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);
}
