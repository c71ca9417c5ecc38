namespace TaH.Tests;

/// <summary>Greedy answers against the official code: tokens and passes exact.</summary>
[Collection(DeviceCollection.Name)]
public class ParityGreedyTests(TestDevices devices)
{
    public static TheoryData<string, DeviceKind> Cases() => ParityPrefillTests.Cases();

    [Theory, MemberData(nameof(Cases))]
    public void Tokens_and_passes_equal_the_official_ones(string fixture, DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint(fixture), kind);
        using var session = model.OpenSession();
        var golden = Golden.Parity(fixture, "greedy");
        Compare(session, golden, string.Empty, policy: null);
    }

    // Feeding the official tokens shows what they were chosen from: the logits of the last prompt position and of every token but the last.
    [Theory, MemberData(nameof(Cases))]
    public void Logits_and_decisions_of_every_step_equal_the_official_ones(string fixture, DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint(fixture), kind);
        var golden = Golden.Parity(fixture, "greedy");
        int[] prompt = golden["input_ids"].Ints, tokens = golden["tokens"].Ints;
        var trace = ForwardTrace.Run(model, new TraceRequest { Tokens = [.. prompt, .. tokens] });
        Near.RelativeL2(golden["logits"].Floats, trace.Logits.AsSpan((prompt.Length - 1) * trace.Vocab), Golden.Forward, "logits");
        var decisions = golden["decider_logits"].Floats; // [tokens, 1, max_iter]
        for (var step = 0; step < tokens.Length; step++)
        for (var depth = 0; depth < model.MaxIter - 1; depth++)
        {
            var (expected, actual) = (decisions[(step * model.MaxIter) + depth], trace.DeciderLogits[depth][prompt.Length + step]);
            // A logit is a sum of products of unit size: 1e-4 of its own size, and of 1 where they cancel.
            if (float.IsNaN(expected)) Assert.True(float.IsNaN(actual));
            else Assert.Equal(expected, actual, tolerance: 1e-4f * MathF.Max(1, MathF.Abs(expected)));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Fixed_policies_equal_the_official_ones(string fixture, DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint(fixture), kind);
        using var session = model.OpenSession();
        Compare(session, Golden.Parity(fixture, "always1"), "greedy.", new NeverPolicy());
        Compare(session, Golden.Parity(fixture, "alwaysmax"), "greedy.", new AlwaysPolicy());
        Assert.Equal(0, session.Grid.PagesInUse);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_batch_equals_the_official_left_padded_one(string fixture, DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint(fixture), kind);
        using var session = model.OpenSession(new SessionOptions { MaxSequences = 3, MaxRows = 80 });
        var golden = Golden.Parity(fixture, "batch_greedy");
        var (ids, mask, tokens, iterations, promptIterations) = (
            golden["input_ids"].Ints, golden["attention_mask"].Ints, golden["tokens"].Ints,
            golden["iter_count"].Ints, golden["prompt_iter_count"].Ints);
        var (padded, steps) = (golden["input_ids"].Shape[1], golden["tokens"].Shape[1]);
        bool IsReal(int place) => mask[place] == 1;
        int[] RowOf(int[] source, int row) => [.. Enumerable.Range(row * padded, padded).Where(IsReal).Select(place => source[place])];

        var answers = session.Answer([.. Enumerable.Range(0, 3).Select(row => Request(RowOf(ids, row), steps, policy: null))]);
        for (var row = 0; row < 3; row++)
        {
            Assert.Equal(tokens[(row * steps)..((row + 1) * steps)], answers[row].Tokens.Select(token => token.Id));
            Assert.Equal(RowOf(promptIterations, row), answers[row].PromptIterations);
            // The official count of step s is that of token s when it was fed, so of the position that chose token s + 1.
            Assert.Equal(iterations[(row * steps)..(((row + 1) * steps) - 1)], answers[row].Tokens.Skip(1).Select(token => token.Iterations));
        }
    }

    [Fact]
    public void The_models_own_max_iter_ends_a_decider_that_would_go_further()
    {
        // The official loader gives a decider without max_iter three passes beside a model with two; tokens that go on after the last get no logits
        // at all there (golden notes, item 12). Here the model's max_iter ends it, so all positions have logits and the passes agree.
        var directory = Path.Combine(Path.GetTempPath(), $"tah-quirk-{Guid.NewGuid():N}");
        CopyDirectory(Golden.ParityCheckpoint("b_untied_widehead"), directory);
        try
        {
            var config = Path.Combine(Golden.ParityDirectory("b_untied_widehead"), "quirk_tah_config.json");
            File.Copy(config, Path.Combine(directory, "tah_config.json"), overwrite: true);
            using var model = devices.LoadOrSkip(directory, DeviceKind.Cpu);
            var golden = Golden.Parity("b_untied_widehead", "quirk_no_decider_max_iter");
            var trace = ForwardTrace.Run(model, new TraceRequest { Tokens = golden["input_ids"].Ints });
            Assert.Equal(golden["iter_count"].Ints, trace.Iterations);
            var (expected, vocab) = (golden["logits"].Floats, trace.Vocab);
            for (var position = 0; position < trace.Iterations.Length; position++)
            {
                var official = expected.AsSpan(position * vocab, vocab);
                if (official.ContainsAnyExcept(0f))
                    Near.RelativeL2(official, trace.Logits.AsSpan(position * vocab, vocab), Golden.Forward, $"position {position}");
                else Assert.True(trace.Logits.AsSpan(position * vocab, vocab).ContainsAnyExcept(0f));
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Compare(Session session, GoldenTensors golden, string prefix, IterationPolicy? policy)
    {
        var tokens = golden[prefix + "tokens"].Ints;
        var answer = session.Answer(Request(golden["input_ids"].Ints, tokens.Length, policy))[0];
        Assert.Equal(tokens, answer.Tokens.Select(token => token.Id));
        Assert.Equal(golden[prefix + "prompt_iter_count"].Ints, answer.PromptIterations);
        Assert.Equal(golden[prefix + "iter_count"].Ints[..^1], answer.Tokens.Skip(1).Select(token => token.Iterations));
        Assert.Equal(answer.PromptIterations[^1], answer.Tokens[0].Iterations);
    }

    private static GenerationRequest Request(int[] prompt, int maxTokens, IterationPolicy? policy) =>
        new() { Prompt = prompt, MaxTokens = maxTokens, Sampling = SamplingSettings.Greedy, IgnoreEos = true, Policy = policy };

    private static void CopyDirectory(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(source)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(source)) CopyDirectory(folder, Path.Combine(target, Path.GetFileName(folder)));
    }
}
