namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class GatherRowsTests(TestDevices devices)
{
    public static TheoryData<GatherRowsVariant, DeviceKind, int> Cases()
    {
        var cases = new TheoryData<GatherRowsVariant, DeviceKind, int>();
        foreach (var (variant, kind) in KernelCases.Of<GatherRowsVariant>())
        foreach (var hidden in (int[])[1, 67])
            cases.Add(variant, kind, hidden);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Takes_the_head_rows_in_order(GatherRowsVariant variant, DeviceKind kind, int hidden)
    {
        var device = devices.OpenOrSkip(kind);
        bool[] wants = [false, true, true, false, true];
        using var rows = new RowTable(device, capacity: 7, depths: 1);
        rows.Upload([.. wants.Select(want => new Row(0, 0, 0, 0, 0, 0, want))], new int[wants.Length]);
        var x = RandomData.Uniform(1, wants.Length * hidden);
        using var xs = device.Copy(x);
        using var gathered = new Poisoned(device, 3 * hidden);
        devices.Once(device, variant, (on, by) => new GatherRows(on, by)).Run(xs.View, rows, gathered.View, hidden);
        device.Synchronize();
        Assert.Equal([.. x[hidden..(3 * hidden)], .. x[(4 * hidden)..]], gathered.Read());
    }
}
