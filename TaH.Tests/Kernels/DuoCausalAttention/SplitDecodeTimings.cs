namespace TaH.Tests;

/// <summary>
/// What attention of rows that do not see each other costs on the first card, with the heads of Qwen3-1.7B and bf16 entries: launches behind each
/// other, and what a launch adds to a graph in which it stands between products, as in a decode step. Nothing is asserted. Asked for by
/// <c>-class TaH.Tests.SplitDecodeTimings -explicit only</c>.
/// </summary>
[Collection(DeviceCollection.Name)]
public class SplitDecodeTimings(TestDevices devices)
{
    private const int Samples = 21;
    private const int Layers = 28;

    // What the card's cache holds is read from there: several layers in turn, as in a model.
    private const long MostBytes = 1L << 30;

    [Fact(Explicit = true)]
    public void Print()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        using var chain = new DecodeChain(device, Layers);
        using var split = new DuoCausalAttentionSplitDecode(device);
        var tiles = DuoCausalAttentionTileDecode.Serves(device) ? new DuoCausalAttentionTileDecode(device) : null;
        Console.WriteLine($"{device.Info.Name}: us a launch: alone, TB/s, added to a chain of products; medians of {Samples} replays of a graph");
        foreach (var (rows, entries) in (ValueTuple<int, int>[])
            [(1, 64), (1, 128), (1, 200), (1, 256), (1, 512), (1, 2048), (1, 8192), (1, 32768), (2, 128), (2, 200), (8, 512), (64, 512), (128, 200)])
        {
            var bytes = 4096L * rows * entries;
            using var context = new DecodeContext(device, rows, entries, (int)Math.Clamp(MostBytes / bytes, 1, Layers));
            string Measured(DecodeAttention attention) => Measure(device, chain, context, attention, bytes);
            var line = $"{rows,3} x {entries,5}: split {Measured((qkv, queryNorm, keyNorm, rope, table, cache, pages, mixed, shape, epsilon) =>
                split.Run(qkv, queryNorm, keyNorm, rope, table, cache, pages, mixed, shape, epsilon))}";
            if (tiles is not null)
            {
                line += $" | tiles {Measured((qkv, queryNorm, keyNorm, rope, table, cache, pages, mixed, shape, epsilon) =>
                    tiles.Run(qkv, queryNorm, keyNorm, rope, table, cache, pages, mixed, shape, epsilon))}";
            }
            Console.WriteLine(line);
        }
    }

    private static string Measure(ComputeDevice device, DecodeChain chain, DecodeContext context, DecodeAttention attention, long bytes)
    {
        var alone = GraphTimer.Median(device, () => chain.Attend(context, attention), Samples) / Layers;
        var text = $"{alone:F2} {bytes / alone / 1e6:F2}";
        if (context.Shape.Rows > MatVec.MaxRows) return text;
        var with = GraphTimer.Median(device, () => chain.Run(context, attention), Samples);
        var without = GraphTimer.Median(device, () => chain.Run(context, null), Samples);
        return $"{text} +{(with - without) / Layers:F2}";
    }
}
