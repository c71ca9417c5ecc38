using System.Text.Json.Nodes;

namespace TaH.Tests;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void A_torn_last_line_is_cut_off_and_whole_ones_stay()
    {
        EvaluationSample[] samples = [.. Samples.Of("t", "a", true, false)];
        using (var file = new SampleFile(Path))
            foreach (var sample in samples) file.Add(sample);
        var whole = File.ReadAllBytes(Path);
        var first = Array.IndexOf(whole, (byte)'\n') + 1;
        for (var length = 0; length <= whole.Length; length += 7)
        {
            File.WriteAllBytes(Path, whole[..length]);
            new SampleFile(Path).Dispose();
            Assert.Equal(length < first ? 0 : length < whole.Length ? first : whole.Length, new FileInfo(Path).Length);
        }
        File.WriteAllBytes(Path, whole[..(whole.Length - 1)]);
        using (var file = new SampleFile(Path)) file.Add(samples[1]);
        Assert.Equal(whole, File.ReadAllBytes(Path));
    }

    [Theory]
    [InlineData("{\"task\":\"t\"", "line 2: is no sample of an evaluation")]
    [InlineData("{\"task\":\"t\"}", "line 2: lacks fields that every sample has")]
    [InlineData("[1]", "line 2: is no sample of an evaluation")]
    public void A_line_in_the_middle_that_is_no_sample_is_named(string line, string sentence)
    {
        using (var file = new SampleFile(Path)) file.Add(Samples.Of("t", "a", true).Single());
        File.AppendAllText(Path, line + "\n{}\n");
        Assert.EndsWith(sentence, Assert.Throws<BadFileException>(() => SampleLines.Read(Path)).Message);
    }

    [Fact]
    public void A_value_of_the_wrong_kind_and_a_sample_that_stands_twice_are_named()
    {
        using (var file = new SampleFile(Path))
            for (var i = 0; i < 2; i++) file.Add(Samples.Of("t", "a", true).Single());
        Assert.EndsWith("line 2, id: sample 0 of \"a\" stands in line 1, too", Assert.Throws<BadFileException>(() => SampleLines.Read(Path)).Message);
        File.WriteAllText(Path, File.ReadLines(Path).First().Replace("\"fair\":true", "\"fair\":3") + "\n");
        Assert.EndsWith("line 1, fair: has a value that cannot be there", Assert.Throws<BadFileException>(() => SampleLines.Read(Path)).Message);
    }

    [Fact]
    public void Other_settings_are_refused_one_by_one()
    {
        JsonObject Settings(int seed, string prompt) => new() { ["seed"] = seed, ["limit"] = null, ["tasks"] = new JsonArray(new JsonObject { ["name"] = "t", ["prompt"] = prompt }) };
        RunDirectory.Begin(_directory.Path, Settings(1, "p"));
        RunDirectory.Begin(_directory.Path, Settings(1, "p"));
        Assert.EndsWith(
            "holds a run with other settings: seed is 1 there and 2 here; tasks.t.prompt is \"p\" there and \"q\" here; use the same, or another --out",
            Assert.Throws<UsageException>(() => RunDirectory.Begin(_directory.Path, Settings(2, "q"))).Message);
    }

    [Fact]
    public void One_evaluation_at_a_time_writes_a_run()
    {
        using (RunDirectory.Lock(_directory.Path))
            Assert.EndsWith("is in use by another evaluation; wait for it, or name another --out", Assert.Throws<BadFileException>(() => RunDirectory.Lock(_directory.Path)).Message);
        RunDirectory.Lock(_directory.Path).Dispose();
    }

    [Fact]
    public void A_seed_depends_on_each_part_of_what_a_sample_is()
    {
        long[] seeds = [SampleSeed.Of(0, "t", "a", 0), SampleSeed.Of(1, "t", "a", 0), SampleSeed.Of(0, "u", "a", 0), SampleSeed.Of(0, "t", "b", 0), SampleSeed.Of(0, "t", "a", 1)];
        Assert.Equal(5, seeds.Distinct().Count());
        Assert.All(seeds, seed => Assert.InRange(seed, 0, (1L << 53) - 1));
        Assert.Equal(5609340608282597, SampleSeed.Of(0, "gsm8k", "gsm8k_0", 0));
    }

    public void Dispose() => _directory.Dispose();

    private string Path => _directory.At("samples.jsonl");
}
