using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class LogitsSumTests(TestDevices devices)
{
    // 1, 257: tiny; 4099: past one piece of a row.
    public static TheoryData<LogitsSumVariant, DeviceKind, int> Cases()
    {
        var cases = new TheoryData<LogitsSumVariant, DeviceKind, int>();
        foreach (var (variant, kind) in KernelCases.Of<LogitsSumVariant>())
        foreach (var vocab in (int[])[1, 257, 4099])
            cases.Add(variant, kind, vocab);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Starts_at_depth_0_and_adds_deeper(LogitsSumVariant variant, DeviceKind kind, int vocab)
    {
        var device = devices.OpenOrSkip(kind);
        const int Slots = 5;
        using var logits = new LogitsState(device, Slots, vocab, topK: 1);
        // Slots 3 and 1 are fresh: NaN, as memory may be. Slots 0 and 4 hold a sum; 2 is not in this pass.
        var before = RandomData.Uniform(1, Slots * vocab);
        before.AsSpan(3 * vocab, vocab).Fill(float.NaN);
        before.AsSpan(1 * vocab, vocab).Fill(float.NaN);
        logits.Accumulated.CopyFromCPU(before);
        using var rows = new RowTable(device, capacity: 8, depths: 3);
        rows.Upload([Row(3, 0), Row(2, 0, wants: false), Row(1, 0), Row(4, 1), Row(2, 1, wants: false), Row(0, 2)], new int[3 * 6]);
        var raw = RandomData.Uniform(2, 4 * vocab);
        using var raws = device.Copy(raw);

        devices.Once(device, variant, (on, by) => new LogitsSum(on, by)).Run(raws.View, rows, logits);
        device.Synchronize();

        var actual = new float[Slots * vocab];
        logits.Accumulated.CopyToCPU(actual);
        for (var i = 0; i < vocab; i++)
        {
            // One f32 addition: exact, or a copy.
            Assert.Equal(raw[i], actual[(3 * vocab) + i]);
            Assert.Equal(raw[vocab + i], actual[vocab + i]);
            Assert.Equal(before[(4 * vocab) + i] + raw[(2 * vocab) + i], actual[(4 * vocab) + i]);
            Assert.Equal(before[i] + raw[(3 * vocab) + i], actual[i]);
            Assert.Equal(before[(2 * vocab) + i], actual[(2 * vocab) + i]);
        }
    }

    private static Row Row(int slot, int depth, bool wants = true) => new(Sequence: 0, Position: 0, depth, Token: 0, slot, Cell: 0, wants);
}
