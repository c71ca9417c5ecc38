using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class DuoCausalAttentionTests(TestDevices devices)
{
    private const int Depths = 3;

    // Two sequences in a batch. A first token; plain causal rows; rows that see deeper lists, empty ones between, and one that sees nothing at depth
    // 0 (never made, but harmless).
    private static readonly int[][] Visible = [[1, 0, 0], [37, 0, 0], [33, 7, 0], [16, 0, 1], [40, 17, 16], [0, 2, 0]];
    private static readonly int[] Sequences = [1, 0, 0, 1, 1, 0];

    // (heads, kvHeads, headDim): groups of 1, 2 and 4; 48 and 20 leave a tail after vectors; 16 to 128 as in real models.
    private static readonly (int Heads, int KvHeads, int HeadDim)[] Heads = [(2, 2, 16), (4, 2, 48), (4, 1, 64), (2, 1, 128), (3, 3, 20)];

    public static TheoryData<DuoCausalAttentionVariant, DeviceKind, ElementType, int, int, int, int> Cases()
    {
        var cases = new TheoryData<DuoCausalAttentionVariant, DeviceKind, ElementType, int, int, int, int>();
        foreach (var (variant, kind) in KernelCases.Of<DuoCausalAttentionVariant>())
        foreach (var (heads, kvHeads, headDim) in Heads)
        foreach (var (type, pageSize) in
            (ValueTuple<ElementType, int>[])[(ElementType.F32, 1), (ElementType.Bf16, 3), (ElementType.Bf16, 16), (ElementType.F16, 16)])
        {
            // ILGPU's CPU accelerator is slow: one page size and format a head layout is enough there.
            if (kind == DeviceKind.Cpu && variant < DuoCausalAttentionVariant.Simd && (headDim > 48 || pageSize != 3)) continue;
            cases.Add(variant, kind, type, pageSize, heads, kvHeads, headDim);
        }
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference_and_looks_nowhere_else(
        DuoCausalAttentionVariant variant, DeviceKind kind, ElementType type, int pageSize, int heads, int kvHeads, int headDim)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new DuoCausalAttentionShape(Rows: 0, heads, kvHeads, headDim, pageSize, Depths, MaxPages: 0);
        using var scene = new AttentionScene(device, shape, type, Visible, Sequences);
        scene.CheckEveryRowWithTheRestPoisoned(devices.Once(device, variant, (on, by) => new DuoCausalAttention(on, by)));
    }

    // Rows of a prompt, at the end of which the sequence's deep rows and another sequence begin: tiles that are full, cut and mixed, more entries
    // than a block. One machine has one vector width; the others run here in software.
    [Theory, InlineData(128, ElementType.F32), InlineData(256, ElementType.Bf16), InlineData(512, ElementType.F16), InlineData(512, ElementType.F32)]
    public void Tiles_of_rows_equal_the_double_reference_at_every_vector_width(int bits, ElementType type)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        int[][] visible =
        [
            .. Enumerable.Range(0, 70).Select(row => (int[])[row + 1, 0, 0]),
            .. Enumerable.Range(0, 9).Select(row => (int[])[(5 * row) + 3, row + 1, 0]),
            [3, 0, 0], [4, 0, 0],
        ];
        var shape = new DuoCausalAttentionShape(Rows: 0, Heads: 6, KvHeads: 2, HeadDim: 20, PageSize: 16, Depths, MaxPages: 0);
        using var scene = new AttentionScene(device, shape, type, visible, [.. visible.Select((_, row) => row < 79 ? 0 : 1)]);
        scene.CheckEveryRowWithTheRestPoisoned((query, grid, cache, mixed, sized) =>
        {
            if (bits == 128) DuoCausalAttentionSimdTiled.Run<Lanes128>(device.Workers!, query, grid, cache, mixed, sized);
            else if (bits == 256) DuoCausalAttentionSimdTiled.Run<Lanes256>(device.Workers!, query, grid, cache, mixed, sized);
            else DuoCausalAttentionSimdTiled.Run<Lanes512>(device.Workers!, query, grid, cache, mixed, sized);
        });
    }

    [Theory]
    [InlineData(DuoCausalAttentionVariant.Simd, DeviceKind.Cpu)]
    [InlineData(DuoCausalAttentionVariant.SimdTiled, DeviceKind.Cpu)]
    [InlineData(DuoCausalAttentionVariant.Portable, DeviceKind.OpenCl)]
    [InlineData(DuoCausalAttentionVariant.PortableSplit, DeviceKind.OpenCl)]
    [InlineData(DuoCausalAttentionVariant.Portable, DeviceKind.Cuda)]
    [InlineData(DuoCausalAttentionVariant.PortableSplit, DeviceKind.Cuda)]
    public void Holds_over_a_context_of_40_961_tokens(DuoCausalAttentionVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new DuoCausalAttentionShape(Rows: 0, Heads: 2, KvHeads: 1, HeadDim: 16, PageSize: 16, Depths: 2, MaxPages: 0);
        using var scene = new AttentionScene(device, shape, ElementType.F32, [[40_961, 2_743]], [0]);
        scene.CheckEveryRowWithTheRestPoisoned(devices.Once(device, variant, (on, by) => new DuoCausalAttention(on, by)));
    }

    // Each time another size is wrong while the product stays.
    [Theory]
    [InlineData(4, 4, 2, 3, "the KV cache's set of heads has 2 elements where the shape asks for 4")]
    [InlineData(2, 4, 2, 3, "a head of the KV cache has 8 elements where the shape asks for 4")]
    [InlineData(2, 8, 2, 6, "a page table has 3 elements where the shape asks for 6")]
    [InlineData(2, 8, 1, 6, "a row's list of visible entries has 2 elements where the shape asks for 1")]
    public void Refuses_sizes_of_another_shape(int kvHeads, int headDim, int depths, int maxPages, string fault)
    {
        var failure = Assert.Throws<ShapeException>(() => RunOnTwoSequences(
            new DuoCausalAttentionShape(Rows: 1, Heads: 4, kvHeads, headDim, PageSize: 4, depths, maxPages), sequence: 0, visible: 1));
        Assert.StartsWith(fault, failure.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(2, 1), InlineData(0, 13)]
    public void Refuses_a_sequence_without_tables_and_more_entries_than_a_list_holds(int sequence, int visible) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RunOnTwoSequences(
            new DuoCausalAttentionShape(Rows: 1, Heads: 4, KvHeads: 2, HeadDim: 8, PageSize: 4, Depths: 2, MaxPages: 3), sequence, visible));

    private void RunOnTwoSequences(DuoCausalAttentionShape shape, int sequence, int visible)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var pool = new KvPool(device, new KvShape(Layers: 1, KvHeads: 2, HeadDim: 8, PageSize: 4, Depths: 2, ElementType.F32));
        pool.Grow(1);
        using var tables = new KvPageTables(device, sequences: 2, depths: 2, maxPages: 3);
        tables.View.MemSetToZero();
        using var rows = new RowTable(device, capacity: 1, depths: 2);
        rows.Upload([new Row(sequence, 0, 0, 0, 0, 0, false)], [visible, 0]);
        using FloatBuffer query = device.AllocateFloats(64), mixed = device.AllocateFloats(64);
        using var attention = new DuoCausalAttention(device, DuoCausalAttentionVariant.Simd);
        attention.Run(query.View, rows, pool.Layer(0), tables, mixed.View, shape);
    }

    [Fact]
    public void Refuses_heads_that_do_not_share_evenly()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var shape = new DuoCausalAttentionShape(Rows: 0, Heads: 3, KvHeads: 2, HeadDim: 4, PageSize: 4, Depths: 1, MaxPages: 0);
        using var scene = new AttentionScene(device, shape, ElementType.F32, [[1]], [0]);
        using var attention = new DuoCausalAttention(device, DuoCausalAttentionVariant.Simd);
        var failure = Assert.Throws<ArgumentException>(() => scene.CheckEveryRowWithTheRestPoisoned(attention));
        Assert.StartsWith("3 heads cannot share 2 key and value heads evenly", failure.Message, StringComparison.Ordinal);
    }
}
