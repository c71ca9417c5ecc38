using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class SamplingTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    private const int Vocab = 331;
    private const int LargeVocab = 151_936;
    private const int MostAtATime = 64;
    private const int Listed = 40;

    // A sum of up to Vocab weights in f32 is off by at most as many roundings; draws nearer to a boundary than this are not compared.
    private const double RoundingDistance = Vocab * 6e-8;

    private static readonly TokenPenalties Penalties =
        new(Repetition: 1.3f, Presence: 0.4f, Frequency: 0.25f, new[] { 3, 330, 17, 40 }, new[] { 0, 2, 1, 0 });

    private static readonly SampleRequest[] Settings =
    [
        Plain,
        Plain with { Temperature = 0.6f, TopK = 20, TopP = 0.95f },
        Plain with { Temperature = 1.7f, TopP = 0.7f },
        Plain with { TopK = 1 },
        Plain with { TopK = Vocab + 5, MinP = 0.05f },
        Plain with { TopP = 0f },
        Plain with { Temperature = 0.3f, TopK = 50, MinP = 0.01f, TopP = 0.9f, Penalties = Penalties },
        Plain with { TopP = 0.9f, MinP = 0.2f },
        Plain with { Temperature = 0.5f, TopK = 7, TopP = 0.53f, MinP = 0.001f },
        Plain with { TopK = 25 },
    ];

    private static SampleRequest Plain => new(Slot: 0, Temperature: 1f, TopK: 0, TopP: 1f, MinP: 0f, Uniform: 0f, Penalties: null);

    public static TheoryData<SamplingVariant, DeviceKind, bool> Cases()
    {
        var cases = new TheoryData<SamplingVariant, DeviceKind, bool>();
        foreach (var (variant, kind) in KernelCases.Of<SamplingVariant>())
        foreach (var ties in (bool[])[false, true])
            cases.Add(variant, kind, ties);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Draws_the_token_of_the_double_reference(SamplingVariant variant, DeviceKind kind, bool ties) =>
        Verify(devices.OpenOrSkip(kind), variant, Settings, variant == SamplingVariant.Portable && kind == DeviceKind.Cpu ? 40 : 500, ties);

    // With ties, more logits equal the 25th than are listed.
    [Theory, InlineData(false), InlineData(true)]
    public void Top_logits_give_the_token_of_the_double_reference(bool ties) =>
        Verify(
            warps.Simulated, SamplingVariant.CudaTop, [.. Settings.Where(setting => setting is { TopK: > 0 and < Listed, Penalties: null })],
            draws: 5, ties);

    private void Verify(ComputeDevice device, SamplingVariant variant, SampleRequest[] settings, int draws, bool ties)
    {
        // With ties: a dozen distinct logits, so that top-k keeps equals and top-p cuts between equals.
        var logits = RandomData.Uniform(11, 2 * Vocab, scale: 4f).Select(value => ties ? MathF.Round(value) : value).ToArray();
        var random = new Random(5);
        var requests = settings.SelectMany(
            setting => Enumerable.Range(0, draws).Select(_ => setting with { Slot = SlotOf(setting), Uniform = random.NextSingle() })).ToArray();
        var tokens = Run(device, variant, logits, Vocab, requests);
        var near = 0;
        for (var i = 0; i < settings.Length; i++)
        {
            var reference = new SamplingReference(logits.AsSpan(SlotOf(settings[i]) * Vocab, Vocab).ToArray(), settings[i]);
            Assert.True(reference.TopPMargin > RoundingDistance,
                $"setting {i}: top-p is {reference.TopPMargin:g2} from a boundary; choose other data");
            for (var draw = i * draws; draw < (i + 1) * draws; draw++)
            {
                var (token, margin) = reference.Draw(requests[draw].Uniform);
                if (margin < RoundingDistance) near++;
                else Assert.True(token == tokens[draw], $"{settings[i]}, draw {requests[draw].Uniform}: token {tokens[draw]} instead of {token}");
            }
        }
        Assert.True(near <= requests.Length / 50, $"{near} of {requests.Length} draws are too near to a boundary to be compared");
    }

    [Theory]
    [InlineData(SamplingVariant.Simd, DeviceKind.Cpu)]
    [InlineData(SamplingVariant.Portable, DeviceKind.OpenCl)]
    [InlineData(SamplingVariant.Portable, DeviceKind.Cuda)]
    [InlineData(SamplingVariant.CudaTop, DeviceKind.Cuda)]
    public void Draws_as_often_as_the_probabilities_say(SamplingVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        var logits = RandomData.Uniform(12, Vocab, scale: 2f);
        var random = new Random(6);
        var setting = Plain with { Temperature = 0.8f, TopK = 30, TopP = 0.9f };
        var requests = Enumerable.Range(0, 5000).Select(_ => setting with { Uniform = random.NextSingle() }).ToArray();
        var tokens = Run(device, variant, logits, Vocab, requests);
        var expected = new SamplingReference(logits, setting).Probabilities;
        var kept = expected.Count(p => p > 0);
        Assert.All(tokens, token => Assert.True(expected[token] > 0, $"token {token} should have been cut"));
        var chiSquare = Enumerable.Range(0, Vocab).Where(i => expected[i] > 0)
            .Sum(i => Math.Pow(tokens.Count(token => token == i) - (requests.Length * expected[i]), 2) / (requests.Length * expected[i]));
        // Mean kept - 1, variance twice that: four standard deviations.
        Assert.True(chiSquare <= kept - 1 + (4 * Math.Sqrt(2 * (kept - 1))), $"chi-square {chiSquare:f1} with {kept} tokens");
    }

    [Theory]
    [InlineData(SamplingVariant.Simd, DeviceKind.Cpu)]
    [InlineData(SamplingVariant.Portable, DeviceKind.OpenCl)]
    [InlineData(SamplingVariant.Portable, DeviceKind.Cuda)]
    [InlineData(SamplingVariant.CudaTop, DeviceKind.Cuda)]
    public void Handles_a_whole_vocabulary(SamplingVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        var logits = RandomData.Uniform(13, LargeVocab, scale: 12f);
        SampleRequest[] requests =
            [Plain with { TopP = 0.5f }, Plain with { TopK = 20 }, Plain with { TopK = 2000, TopP = 0.8f }, Plain with { Temperature = 0f }];
        requests = [.. requests.Select((request, i) => request with { Uniform = 0.137f + (0.2f * i) })];
        var tokens = Run(device, variant, logits, LargeVocab, requests);
        for (var i = 0; i < requests.Length; i++)
        {
            var reference = new SamplingReference(logits, requests[i]);
            // The running sum over 151,936 tokens rises by less than an f32 rounding a token: the drawn token's own interval has to be that near to
            // the draw.
            var cumulative = reference.Probabilities.Take(tokens[i] + 1).Sum();
            Assert.True(reference.Probabilities[tokens[i]] > 0, $"request {i}: token {tokens[i]} should have been cut");
            if (requests[i].Temperature > 0f)
                Assert.InRange(requests[i].Uniform, cumulative - reference.Probabilities[tokens[i]] - 2e-5, cumulative + 2e-5);
        }
    }

    public static TheoryData<SamplingVariant, DeviceKind> Everywhere()
    {
        var cases = new TheoryData<SamplingVariant, DeviceKind>();
        foreach (var (variant, kind) in KernelCases.Of<SamplingVariant>()) cases.Add(variant, kind);
        return cases;
    }

    [Theory, MemberData(nameof(Everywhere))]
    public void Greedy_takes_the_lowest_id_among_equals(SamplingVariant variant, DeviceKind kind) =>
        VerifyGreedy(devices.OpenOrSkip(kind), variant, withPenalties: true);

    [Fact]
    public void Greedy_takes_the_first_of_the_top_logits() => VerifyGreedy(warps.Simulated, SamplingVariant.CudaTop, withPenalties: false);

    private void VerifyGreedy(ComputeDevice device, SamplingVariant variant, bool withPenalties)
    {
        float[] logits =
        [
            -1, 2, -3, 2, 1, 0,
            -1, -0f, 0, -2, -3, 0,
            5, 4, 4.5f, 1, 1, 1,
            1, float.NaN, 9, 1, 1, 1,
            1, 2, float.PositiveInfinity, 3, 1, 1,
        ];
        var penalties = new TokenPenalties(Repetition: 2f, Presence: 0f, Frequency: 0f, new[] { 0, 2 }, new[] { 0, 0 });
        var greedy = Plain with { Temperature = 0f };
        SampleRequest[] requests =
        [
            greedy, greedy with { Slot = 1 }, greedy with { Slot = 2, Penalties = withPenalties ? penalties : null }, greedy with { Slot = 2 },
            greedy with { Slot = 3 }, Plain with { Slot = 3, Uniform = 0.9f }, Plain with { Slot = 4, Uniform = 0.9f, TopP = 0.5f },
        ];
        Assert.Equal([1, 1, withPenalties ? 1 : 0, 0, 1, 1, 2], Run(device, variant, logits, vocab: 6, requests));
    }

    [Fact]
    public void Refuses_more_requests_than_there_is_room_for()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var logits = new LogitsState(device, slots: 1, vocab: 4, topK: 1);
        using var sampling = new Sampling(device, SamplingVariant.Simd, maxRequests: 1, maxVocab: 4);
        var failure = Assert.Throws<ShapeException>(() => sampling.Upload(logits, [Plain, Plain]));
        Assert.StartsWith("requests has 2 elements where the shape asks for 1", failure.Message, StringComparison.Ordinal);
    }

    private static int SlotOf(SampleRequest setting) => Array.IndexOf(Settings, setting) % 2;

    private int[] Run(ComputeDevice device, SamplingVariant variant, float[] logits, int vocab, SampleRequest[] requests)
    {
        using var state = new LogitsState(device, logits.Length / vocab, vocab, topK: Math.Min(Listed, vocab));
        state.Accumulated.CopyFromCPU(logits);
        ListLargest(state, logits);
        // Simulated warps are another device for every class of tests.
        var sampling = variant == SamplingVariant.CudaTop && device.Kind == DeviceKind.Cpu
            ? new Sampling(device, variant, MostAtATime, Vocab)
            : devices.Once(device, variant, (on, by) => new Sampling(on, by, MostAtATime, LargeVocab));
        using var tokens = device.Copy(Enumerable.Repeat(-1, MostAtATime).ToArray());
        var drawn = new List<int>();
        foreach (var batch in requests.Chunk(MostAtATime))
        {
            sampling.Draw(state, sampling.Upload(state, batch), tokens.View);
            device.Synchronize();
            drawn.AddRange(tokens.GetAsArray1D().Take(batch.Length));
        }
        var after = new float[logits.Length];
        state.Accumulated.CopyToCPU(after);
        Assert.Equal(logits, after); // penalties must not leak into the sums
        return [.. drawn];
    }

    /// <summary>What top-k leaves, which some variants read instead of the sums.</summary>
    private static void ListLargest(LogitsState state, float[] logits)
    {
        var largest = logits.Chunk(state.Vocab).Select((row, slot) => Enumerable.Range(0, state.Vocab)
            .OrderByDescending(i => float.IsNaN(row[i])).ThenByDescending(i => row[i]).ThenBy(i => i).Take(state.TopK).ToArray()).ToArray();
        state.TopTokens.CopyFromCPU(largest.SelectMany(tokens => tokens).ToArray());
        state.TopValues.CopyFromCPU(largest.SelectMany((tokens, slot) => tokens.Select(token => logits[(slot * state.Vocab) + token])).ToArray());
    }
}
