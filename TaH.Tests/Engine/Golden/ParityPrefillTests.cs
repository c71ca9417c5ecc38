namespace TaH.Tests;

/// <summary>A forward pass over a prompt against the official code, every intermediate.</summary>
[Collection(DeviceCollection.Name)]
public class ParityPrefillTests(TestDevices devices)
{
    public static TheoryData<string, DeviceKind> Cases()
    {
        var cases = new TheoryData<string, DeviceKind>();
        foreach (var fixture in Golden.ParityFixtures)
        foreach (var kind in Enum.GetValues<DeviceKind>())
            cases.Add(fixture, kind);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_intermediate_equals_the_official_one(string fixture, DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint(fixture), kind);
        var golden = Golden.Parity(fixture, "prefill");
        var trace = ForwardTrace.Run(model, new TraceRequest { Tokens = golden["input_ids"].Ints });

        Assert.Equal(golden["iter_count"].Ints, trace.Iterations);
        Near.RelativeL2(golden["logits"].Floats, trace.Logits, Golden.Forward, "logits");
        for (var depth = 0; depth < trace.Passes.Count; depth++)
        {
            var (pass, prefix) = (trace.Passes[depth], $"d{depth}.");
            Assert.Equal(golden[prefix + "position_ids"].Ints, pass.Positions);
            Near.RelativeL2(golden[prefix + "inputs_embeds"].Floats, [.. pass.Hidden[0]], Golden.Forward, prefix + "inputs_embeds");
            Near.RelativeL2(golden[prefix + "raw_logits"].Floats, [.. pass.RawLogits], Golden.Forward, prefix + "raw_logits");
            Near.RelativeL2(golden[prefix + "hidden_states"].Floats, Interleave(pass), Golden.Forward, prefix + "hidden_states");
            CompareDecisions(
                golden[prefix + "decider_logits"].Floats, [.. pass.Positions.Select(position => trace.DeciderLogits[depth][position])], prefix);
        }
        Assert.False(golden.Names.Contains($"d{trace.Passes.Count}.raw_logits"), "the official code ran one more depth");
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_grid_holds_the_official_keys_and_values(string fixture, DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint(fixture), kind);
        var golden = Golden.Parity(fixture, "prefill");
        var request = new TraceRequest { Tokens = golden["input_ids"].Ints };
        using var stage = new TraceStage(model, request, new SessionOptions { PageSize = 3 });
        stage.Run(new ForwardTrace(request.Tokens, stage.MaxIter, model.Config.VocabSize, model.Config.HiddenSize));
        for (var depth = 0; depth < stage.Passes.Count; depth++)
        {
            Assert.Equal(golden[$"cache.d{depth}.pos"].Ints, stage.Sequence.PositionsAt(depth));
            for (var layer = 0; layer < model.Config.LayerCount; layer++)
            {
                var (keys, values) = GridReader.Entries(model.Device, stage.Pool, stage.Sequence, layer, depth);
                Near.RelativeL2(HeadsFirst(golden, $"cache.l{layer}.d{depth}.k"), keys, Golden.Forward, $"keys of layer {layer}, depth {depth}");
                Near.RelativeL2(HeadsFirst(golden, $"cache.l{layer}.d{depth}.v"), values, Golden.Forward, $"values of layer {layer}, depth {depth}");
            }
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_rows_of_a_left_padded_batch_equal_the_official_ones(string fixture, DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint(fixture), kind);
        var golden = Golden.Parity(fixture, "batch");
        int[] ids = golden["input_ids"].Ints, mask = golden["attention_mask"].Ints;
        int[] iterations = golden["iter_count"].Ints, shape = golden["input_ids"].Shape;
        var logits = golden["logits"].Floats;
        for (var row = 0; row < shape[0]; row++)
        {
            int[] places = [.. Enumerable.Range(row * shape[1], shape[1]).Where(place => mask[place] == 1)]; // rows at padding positions mean nothing
            var trace = ForwardTrace.Run(model, new TraceRequest { Tokens = [.. places.Select(place => ids[place])] });
            Assert.Equal(places.Select(place => iterations[place]), trace.Iterations);
            var expected = logits.AsSpan(places[0] * trace.Vocab, places.Length * trace.Vocab);
            Near.RelativeL2(expected, trace.Logits, Golden.Forward, $"logits of row {row}");
        }
    }

    // 1 and 7 cut the 40 tokens unevenly, so that chunks run beside the latent pass of the chunk before.
    [Theory, InlineData("a_tied", 1), InlineData("a_tied", 7), InlineData("c_iter3_norm", 7), InlineData("d_untied_mha_iter3", 1)]
    public void A_prompt_in_chunks_gives_the_same(string fixture, int rows)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint(fixture), DeviceKind.Cpu);
        var golden = Golden.Parity(fixture, "prefill");
        var trace = ForwardTrace.Run(model, new TraceRequest { Tokens = golden["input_ids"].Ints, MaxRows = rows });
        Assert.Equal(golden["iter_count"].Ints, trace.Iterations);
        Near.RelativeL2(golden["logits"].Floats, trace.Logits, Golden.Forward, "logits");
    }

    [Theory, MemberData(nameof(Cases))]
    public void One_pass_for_all_is_the_plain_model_and_the_most_passes_for_all_the_official_one(string fixture, DeviceKind kind)
    {
        using var model = devices.LoadOrSkip(Golden.ParityCheckpoint(fixture), kind);
        foreach (var (file, policy) in new (string, IterationPolicy)[] { ("always1", new NeverPolicy()), ("alwaysmax", new AlwaysPolicy()) })
        {
            var golden = Golden.Parity(fixture, file);
            var trace = ForwardTrace.Run(model, new TraceRequest { Tokens = golden["input_ids"].Ints, Policy = policy });
            Assert.Equal(golden["iter_count"].Ints, trace.Iterations);
            Near.RelativeL2(golden["logits"].Floats, trace.Logits, Golden.Forward, file);
        }
    }

    // The official class asks the MLP only below its max_iter and answers -10 beyond; here it does not run and the trace says NaN.
    private static void CompareDecisions(float[] expected, float[] actual, string prefix)
    {
        if (expected.All(logit => logit == -10f)) Assert.All(actual, logit => Assert.True(float.IsNaN(logit)));
        else Near.RelativeL2(expected, actual, Golden.Forward, prefix + "decider_logits");
    }

    // [layers + 1][N, hidden] as the official [N, layers + 1, hidden].
    private static float[] Interleave(PassTrace pass)
    {
        var width = pass.Hidden[0].Count / pass.Positions.Count;
        var rows = Enumerable.Range(0, pass.Positions.Count);
        return [.. rows.SelectMany(row => pass.Hidden.SelectMany(states => states.Skip(row * width).Take(width)))];
    }

    // The official [1, kvHeads, entries, headDim] as [entries, kvHeads, headDim].
    private static float[] HeadsFirst(GoldenTensors golden, string name)
    {
        var (source, shape) = (golden[name].Floats, golden[name].Shape);
        var (heads, entries, headDim) = (shape[1], shape[2], shape[3]);
        var target = new float[source.Length];
        for (var head = 0; head < heads; head++)
        for (var entry = 0; entry < entries; entry++)
            Array.Copy(source, ((head * entries) + entry) * headDim, target, ((entry * heads) + head) * headDim, headDim);
        return target;
    }
}
