using System.Diagnostics;

namespace TaH.Tests;

/// <summary>
/// What lies between the graphs of decode steps, on the first card: nothing is asserted. Asked for by
/// <c>-class TaH.Tests.StepTimings -explicit only</c>.
/// </summary>
[Collection(DeviceCollection.Name)]
public class StepTimings(TestDevices devices)
{
    private const int Samples = 300;

    [Theory(Explicit = true), InlineData("qwen3-0.6b", 1, 0), InlineData("qwen3-1.7b", 1, 0), InlineData("qwen3-0.6b", 64, 512)]
    [InlineData("qwen3-0.6b", 128, 200)]
    public void Print(string name, int batch, int context)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        using var model = SyntheticModel.Create(SyntheticRecipe.Published.Single(recipe => recipe.Name == name), device);
        var shape = model.Weights.Shape;
        var maxRows = Math.Max(16, batch);
        using var operations = Backend.Create(device, shape, maxRows, batch, ProductPrecision.Auto);
        var entries = new KvShape(shape.Layers, shape.KvHeads, shape.HeadDim, 32, 2, ElementType.Bf16);
        using var grid = new KvGrid(device, entries, batch, context + 128);
        using var forward = new ForwardPass(model.Weights, operations, grid, maxRows, model.SoftTopK, tapped: [], keepsRaw: false);
        Row[] rows = [.. Enumerable.Range(0, batch).Select(number => RowOf(grid.Open(), number))];
        int[] visible = [.. rows.SelectMany(_ => (int[])[context + 1, 0])];
        SampleRequest[] draws = [.. rows.Select(row => new SampleRequest(row.Slot, 0.6f, TopK: 20, TopP: 0.95f, MinP: 0f, 0.37f, Penalties: null))];
        var (decisions, tokens) = (new float[batch], new int[batch]);
        var uploaded = operations.UploadRequests(forward.Logits, draws);
        var steps = Samples / (1 + (batch / 16));
        // Passes whose answers nobody takes come last: their answers stay in the mailbox.
        foreach (var asked in (bool[])[true, false])
        foreach (var decides in (bool[])[true, false])
        {
            var times = asked ? [Time(device, Answered, steps)] : new[] { Time(device, Run, steps), Time(device, Repeat, steps) };
            var what = asked ? "answered" : "queued; the graph alone";
            var rounded = string.Join("; ", times.Select(time => Math.Round(time, 1)));
            Console.WriteLine(FormattableString.Invariant($"{name}, {batch} rows behind {context}, decides {decides}: {what} {rounded} us"));

            void Run() => forward.Run(rows, visible, decides, draws);
            void Repeat() => operations.RunPass(forward.Table, new PassVariant(decides, uploaded), () => { });
            void Answered()
            {
                Run();
                forward.Receive(decisions.AsSpan(0, decides ? batch : 0), tokens);
            }
        }

        Row RowOf(GridSequence sequence, int slot)
        {
            for (var position = 0; position <= context; position++) sequence.Append(0, position);
            return new Row(sequence.Number, context, Depth: 0, Token: 17 + slot, slot, sequence.CellAt(0, context), WantsLogits: true);
        }
    }

    /// <summary>One row behind contexts of several lengths, then rows of one context at several depths; answers are taken.</summary>
    [Fact(Explicit = true)]
    public void Print_contexts_and_depths()
    {
        const int Most = 8190;
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        using var model = SyntheticModel.Create(SyntheticRecipe.Published.Single(recipe => recipe.Name == "qwen3-1.7b"), device);
        var shape = model.Weights.Shape;
        using var operations = Backend.Create(device, shape, 16, 2, ProductPrecision.Auto);
        using var grid = new KvGrid(device, new KvShape(shape.Layers, shape.KvHeads, shape.HeadDim, 32, 2, ElementType.Bf16), 2, Most);
        using var forward = new ForwardPass(model.Weights, operations, grid, 16, model.SoftTopK, tapped: [], keepsRaw: false);
        GridSequence[] sequences = [grid.Open(), grid.Open()];
        foreach (var sequence in sequences)
        {
            for (var position = 0; position < Most; position++) sequence.Append(0, position);
            sequence.Append(1, Most - 1);
        }
        foreach (var entries in (int[])[30, 64, 100, 128, 150, 190, 256, 1000, Most]) Console.WriteLine($"1 row, {entries} entries: {Step(1, 0, entries)}");
        foreach (var (shallow, deep) in ((int, int)[])[(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)])
            Console.WriteLine($"{shallow} shallow and {deep} deep rows, 60 entries: {Step(shallow, deep, 60)}");

        string Step(int shallow, int deep, int entries)
        {
            var count = shallow + deep;
            Row[] rows = [.. Enumerable.Range(0, count).Select(i => new Row(
                sequences[i].Number, entries - 1, i < shallow ? 0 : 1, Token: 17, Slot: i,
                i < shallow ? sequences[i].CellAt(0, entries - 1) : sequences[i].CellAt(1, 0), WantsLogits: true))];
            int[] visible = [.. rows.SelectMany(row => new[] { entries, row.Depth })];
            SampleRequest[] draws = [new SampleRequest(count - 1, 0.6f, TopK: 20, TopP: 0.95f, MinP: 0f, Uniform: 0.37f, Penalties: null)];
            var (decisions, tokens) = (new float[shallow > 0 ? count : 0], new int[1]);
            var time = Time(device, () =>
            {
                forward.Run(rows, visible, shallow > 0, draws);
                forward.Receive(decisions, tokens);
            });
            return FormattableString.Invariant($"{time:F0} us");
        }
    }

    private static double Time(ComputeDevice device, Action step, int steps = Samples)
    {
        for (var i = 0; i < 5; i++) step();
        device.Synchronize();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < steps; i++) step();
        device.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / steps;
    }
}
