namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class BenchmarkTests(TestDevices devices)
{
    public static TheoryData<DeviceKind> Kinds() => [.. Enum.GetValues<DeviceKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void A_plan_gives_its_rows(DeviceKind kind)
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(kind));
        var plan = new BenchmarkPlan
        {
            Prompts = [5], Generations = [6], Depths = [0, 20], Batches = [1, 3], ContinueRates = [0, 1], Repetitions = 2,
            Session = new SessionOptions { MaxRows = 8 },
        };
        var rows = new Benchmark(model, plan).Run(TestContext.Current.CancellationToken).ToList();
        Assert.Equal(plan.RowCount, rows.Count);
        string[] tests = ["pp5", "tg6", "pp5 @ d20", "tg6 @ d20"];
        Assert.Equal(Enumerable.Repeat(tests, 4).SelectMany(name => name), rows.Select(row => row.Test.Name));
        Assert.Equal(plan.Batches.SelectMany(batch => Enumerable.Repeat(batch, 8)), rows.Select(row => row.Batch));
        Assert.All(rows, row => Assert.True(row.TokensPerSecond > 0 && row.StandardDeviation >= 0));
        // A second pass for every token costs more than none.
        Assert.All(
            rows.Zip(rows.Skip(4)).Where((_, i) => i % 8 < 4),
            pair => Assert.True(pair.First.Passes.Sum(pass => pass.Bytes) < pair.Second.Passes.Sum(pass => pass.Bytes)));
    }

    /// <summary>By hand: 6 tokens of 2 sequences in two passes of 100 and 300 bytes, 40 and 2,000 operations, at 12 tokens/s.</summary>
    [Theory, InlineData(BenchmarkKind.Decode, 4.0), InlineData(BenchmarkKind.Prefill, 21.0)]
    public void The_share_of_the_ceiling_is_the_least_time_over_the_time_it_took(BenchmarkKind kind, double leastSeconds)
    {
        var row = new BenchmarkRow(new BenchmarkTest(kind, 6, 0), Batch: 2, ContinueRate: 0, TokensPerSecond: 12, 0, [new(100, 40), new(300, 2000)]);
        var ceilings = new DeviceCeilings(ReadBytesPerSecond: 100, CopyBytesPerSecond: 1, MatrixFlopsPerSecond: 100, default);
        Assert.Equal(leastSeconds, row.ShareOf(ceilings), tolerance: 1e-12); // it took one second
    }

    /// <summary>Every run of a test has the passes that its name says, and finds the context as it was.</summary>
    [Theory, InlineData(0), InlineData(0.25), InlineData(1)]
    public void A_test_runs_its_tokens_and_their_second_passes(double rate)
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        using var session = model.OpenSession(new SessionOptions { MaxSequences = 2, MaxRows = 8, ContextLimit = 64 });
        using var stage = new BenchmarkStage(model, session, [new ContinueRatePolicy(rate, 0.25), new ContinueRatePolicy(rate, 0.75)], maxIter: null);
        stage.Prepare(16, CancellationToken.None);
        BenchmarkTest[] tests = [new(BenchmarkKind.Decode, 12, 16), new(BenchmarkKind.Prefill, 20, 16), new(BenchmarkKind.Decode, 12, 16)];
        foreach (var test in tests)
        {
            var passes = new List<PassRows>();
            stage.Run(test, CancellationToken.None, (_, rows) => passes.Add(rows));
            Assert.Equal(2 * test.Tokens, passes.Sum(rows => rows.Shallow));
            Assert.Equal(2 * test.Tokens, passes.Sum(rows => rows.Decided));
            Assert.Equal((int)(2 * test.Tokens * rate), passes.Sum(rows => rows.Deep));
            if (rate == 0 && test.Kind == BenchmarkKind.Decode)
                Assert.Equal(Enumerable.Range(17, 12).Select(seen => 2L * seen), passes.Select(rows => rows.Entries));
        }
    }

    /// <summary>A guess that holds saves its token a pass of its own; whether it was right does not matter.</summary>
    [Theory, InlineData(0.0, 18), InlineData(0.5, 15), InlineData(1.0, 12)]
    public void Guesses_hold_as_often_as_asked_for(double held, int passes)
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        var plan = new BenchmarkPlan
        {
            Prompts = [], Generations = [12], ContinueRates = [0.5], Overlap = true, HeldRate = held, Repetitions = 1,
        };
        var row = new Benchmark(model, plan).Run(TestContext.Current.CancellationToken).Single();
        // 12 tokens, 6 of them hard. Where a guess held, there is nothing to compute in its place.
        Assert.Equal(passes, row.Passes.Count(pass => pass.Bytes > 0));
    }

    [Fact]
    public void Activations_stay_finite()
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        var trace = ForwardTrace.Run(model, new TraceRequest { Tokens = [.. Enumerable.Range(0, 40)], Policy = new AlwaysPolicy() });
        Assert.All(trace.Logits, logit => Assert.True(float.IsFinite(logit)));
        // The logits of a pass have about the size of the last hidden state, whose root mean square is 1: none vanishes or explodes.
        Assert.InRange(Math.Sqrt(trace.Passes[0].RawLogits.Average(logit => (double)logit * logit)), 0.1, 10);
    }

    [Fact]
    public void Mean_and_deviation_are_those_of_the_textbook()
    {
        Assert.Equal((5.0, 2.0), BenchmarkRow.Summarize([3, 5, 7]));
        Assert.Equal((4.0, 0.0), BenchmarkRow.Summarize([4]));
    }

    [Fact]
    public void A_policy_reports_the_share_that_it_sent_on()
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        var plan = new BenchmarkPlan { Prompts = [4], Generations = [], Repetitions = 1 };
        double Rate(IterationPolicy policy) =>
            new Benchmark(model, plan with { Policy = policy }).Run(TestContext.Current.CancellationToken).Single().ContinueRate;
        Assert.Equal(1, Rate(new AlwaysPolicy()));
        Assert.Equal(0.5, Rate(new LabelPolicy([1, 2, 1, 2])));
        Assert.Equal(0, Rate(new NeverPolicy()));
    }

    [Fact]
    public void What_the_model_cannot_do_is_refused()
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        var longer = Assert.Throws<UsageException>(() => new Benchmark(model, new BenchmarkPlan { Depths = [500] }));
        Assert.Equal("qwen3-tiny has 512 positions; a context of 1,012 cannot be had", longer.Message);
        Assert.Throws<UsageException>(() => new Benchmark(model, new BenchmarkPlan { Batches = [5000] }));
        Assert.Throws<UsageException>(() => new Benchmark(model, new BenchmarkPlan { HeldRate = 0.5 }));
        Assert.Throws<UsageException>(() => new Benchmark(model, new BenchmarkPlan { Overlap = true, HeldRate = 0.5, Policy = new AlwaysPolicy() }));
    }
}
