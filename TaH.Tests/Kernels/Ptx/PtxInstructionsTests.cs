using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using Group = ILGPU.Group;

namespace TaH.Tests;

public partial class PtxInstructionsTests
{
    // The registers are ILGPU's choice; everything else is the instruction.
    private static readonly Dictionary<string, (Delegate Kernel, string Text)> Expected = new()
    {
        [nameof(PtxInstructions.AddressOf)] = (Loads, @"mov\.b64 %rd\d+, %rd\d+;"),
        [nameof(PtxInstructions.LoadStreamed)] = (
            Loads,
            @"setp\.lt\.s32 inside, %r\d+, %r\d+; .*"
            + @"@inside ld\.global\.nc\.L1::no_allocate\.L2::128B\.v4\.u32 {%r\d+,%r\d+,%r\d+,%r\d+}, \[%rd\d+\]; }"),
        [nameof(PtxInstructions.LoadConstantUShort)] = (Loads, @"ld\.global\.nc\.u16 %r\d+, \[%rd\d+\];"),
        [nameof(PtxInstructions.LoadConstantFloat)] = (Loads, @"ld\.global\.nc\.f32 %f\d+, \[%rd\d+\];"),
        [nameof(PtxInstructions.LoadQuad)] = (Loads, @"ld\.global\.v4\.f32 {%f\d+,%f\d+,%f\d+,%f\d+}, \[%rd\d+\];"),
        [nameof(PtxInstructions.LoadFloat)] = (LoadsAhead, @"ld\.global\.f32 %f\d+, \[%rd\d+\];"),
        [nameof(PtxInstructions.LoadFloatAhead)] = (LoadsAhead, @"ld\.volatile\.global\.f32 %f\d+, \[%rd\d+\];"),
        [nameof(PtxInstructions.LoadIntAhead)] = (LoadsAhead, @"ld\.volatile\.global\.s32 %r\d+, \[%rd\d+\];"),
        [nameof(PtxInstructions.LoadUShortAhead)] = (LoadsAhead, @"ld\.volatile\.global\.u16 %r\d+, \[%rd\d+\];"),
        [nameof(PtxInstructions.LoadWordAhead)] = (LoadsAhead, @"ld\.volatile\.global\.v4\.u32 {%r\d+,%r\d+,%r\d+,%r\d+}, \[%rd\d+\];"),
        [nameof(PtxInstructions.LoadTagged)] = (
            Cells, @"ld\.relaxed\.gpu\.global\.u64 pair, \[%rd\d+\]; mov\.b64 {%f\d+, tag}, pair; .*@late bra again; }"),
        [nameof(PtxInstructions.LoadTaggedQuad)] = (
            Cells, @"ld\.relaxed\.gpu\.global\.v2\.u64 {a, b}, \[%rd\d+\]; .*\[%rd\d+\+16\]; .*@late bra again; }"),
        [nameof(PtxInstructions.StoreTaggedPair)] = (
            Cells, @"mov\.b64 a, {%f\d+, %r\d+}; mov\.b64 b, {%f\d+, %r\d+}; st\.relaxed\.gpu\.global\.v2\.u64 \[%rd\d+\], {a, b}; }"),
        [nameof(PtxInstructions.PrefetchLine)] = (Cells, @"prefetch\.global\.L2 \[%rd\d+\];"),
        [nameof(PtxInstructions.StoreTagged)] = (Cells, @"mov\.b64 pair, {%f\d+, %r\d+}; st\.relaxed\.gpu\.global\.u64 \[%rd\d+\], pair; }"),
        [nameof(PtxInstructions.LoadSharedQuad)] = (SharedMemories, @"ld\.shared\.v4\.f32 {%f\d+,%f\d+,%f\d+,%f\d+}, \[%rd\d+\];"),
        [nameof(PtxInstructions.StoreSharedQuad)] = (SharedMemories, @"st\.shared\.v4\.f32 \[%rd\d+\], {%f\d+,%f\d+,%f\d+,%f\d+};"),
        [nameof(PtxInstructions.LowHalf)] = (Values, @"{ \.reg \.b16 low, high; mov\.b32 {low, high}, %r\d+; cvt\.f32\.f16 %f\d+, low; }"),
        [nameof(PtxInstructions.HighHalf)] = (Values, @"{ \.reg \.b16 low, high; mov\.b32 {low, high}, %r\d+; cvt\.f32\.f16 %f\d+, high; }"),
        [nameof(PtxInstructions.WaitForHost)] = (
            CudaHold.Wait,
            @"ld\.volatile\.global\.u32 word, \[%rd\d+\]; setp\.ge\.u32 over, word, %r\d+; .*setp\.lt\.u64 over, now, %rd\d+; @over bra AGAIN; DONE: }"),
        [nameof(PtxInstructions.WaitForPrevious)] = (Order, @"griddepcontrol\.wait;"),
        [nameof(PtxInstructions.LetNextStart)] = (Order, @"griddepcontrol\.launch_dependents;"),
        [nameof(PtxInstructions.Exp2)] = (Values, @"ex2\.approx\.ftz\.f32 %f\d+, %f\d+;"),
        [nameof(PtxInstructions.Log2)] = (Values, @"lg2\.approx\.ftz\.f32 %f\d+, %f\d+;"),
        [nameof(PtxInstructions.StoreQuad)] = (GlobalStores, @"st\.global\.v4\.f32 \[%rd\d+\], {%f\d+,%f\d+,%f\d+,%f\d+};"),
        [nameof(PtxInstructions.StoreUIntPair)] = (GlobalStores, @"st\.global\.v2\.u32 \[%rd\d+\], {%r\d+, %r\d+};"),
        [nameof(PtxInstructions.AddressOfCount)] = (Counts, @"mov\.b64 %rd\d+, %rd\d+;"),
        [nameof(PtxInstructions.CountAround)] = (Counts, @"atom\.acq_rel\.gpu\.global\.inc\.u32 %r\d+, \[%rd\d+\], %r\d+;"),
        [nameof(PtxInstructions.CountUp)] = (Counts, @"atom\.global\.add\.u32 %r\d+, \[%rd\d+\], 1;"),
        [nameof(PtxInstructions.StoreToHost)] = (Counts, @"st\.relaxed\.sys\.global\.u64 \[%rd\d+\], pair;"),
        [nameof(PtxInstructions.MultiplyAdd)] = (Values, @"fma\.rn\.f32 %f\d+, %f\d+, 0f40400000, %f\d+;"),
    };

    public static TheoryData<string> Names() =>
        [.. typeof(PtxInstructions).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(method => method.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Becomes_its_instruction(string name)
    {
        if (!Expected.TryGetValue(name, out var entry) && !ExpectedOfAttention.TryGetValue(name, out entry)
            && !ExpectedOfTiles.TryGetValue(name, out entry))
        {
            var (kernelOf, text) = ExpectedOfTensorCores.TryGetValue(name, out var found) ? found : ExpectedOfBatches[name];
            entry = (kernelOf, Pattern(text));
        }
        var (kernel, expected) = entry;
        var compiled = PtxCompiler.Compile(kernel.Method);
        Assert.Matches(new Regex($"^\t.*{expected}", RegexOptions.Multiline), compiled);
        Assert.DoesNotContain("call", compiled, StringComparison.Ordinal);
        Assert.DoesNotContain(".func", compiled, StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_computes_the_same()
    {
        Assert.Equal(1.5f, PtxInstructions.LowHalf(0xc0003e00u));
        Assert.Equal(-2f, PtxInstructions.HighHalf(0xc0003e00u));
        Assert.Equal(7f, PtxInstructions.MultiplyAdd(2, 3, 1));
        Assert.Equal(8f, PtxInstructions.Exp2(3));
        Assert.Equal(3f, PtxInstructions.Log2(8));
    }

    [Fact]
    public unsafe void The_host_waits_for_the_word_or_loses_patience()
    {
        var word = 3u;
        PtxInstructions.WaitForHost((ulong)&word, until: 3, patience: ulong.MaxValue);
        PtxInstructions.WaitForHost((ulong)&word, until: 4, patience: 1000);
    }

    [Fact]
    public unsafe void The_host_reads_up_to_the_end()
    {
        var memory = stackalloc uint[] { 1, 2, 3, 4 };
        Assert.Equal(new Word16(1, 2, 3, 4), PtxInstructions.LoadStreamed((ulong)memory, 6, 7));
        Assert.Equal(default, PtxInstructions.LoadStreamed((ulong)memory, 7, 7));
    }

    [Fact]
    public unsafe void The_host_stores_and_counts_around()
    {
        var memory = stackalloc uint[] { 0, 0, 0, 0, 2 };
        PtxInstructions.StoreUIntPair((ulong)memory, 5, 6);
        Assert.Equal((5u, 6u), (memory[0], memory[1]));
        PtxInstructions.StoreQuad((ulong)memory, new Quad(1, 2, 3, 4));
        Assert.Equal(new Quad(1, 2, 3, 4), PtxInstructions.LoadQuad((ulong)memory));
        Assert.Equal((2, 3, 0), (Count(memory + 4), Count(memory + 4), Count(memory + 4)));
        Assert.Equal(1u, memory[4]);

        static int Count(uint* at) => PtxInstructions.CountAround((ulong)at, last: 3);
    }

    private static void Loads(Floats x, Floats y, int index, int end)
    {
        var address = PtxInstructions.AddressOf(ref x[index]);
        var word = PtxInstructions.LoadStreamed(address, index, end);
        var quad = PtxInstructions.LoadQuad(address);
        PtxInstructions.StoreQuad(address, quad);
        y[Group.IdxX] = word.A + word.B + word.C + word.D + quad.A + quad.B + quad.C + quad.D
            + PtxInstructions.LoadConstantUShort(address) + PtxInstructions.LoadConstantFloat(address);
    }

    private static void LoadsAhead(ulong from, Floats to)
    {
        var word = PtxInstructions.LoadWordAhead(from);
        to[Group.IdxX] = PtxInstructions.LoadFloat(from) + PtxInstructions.LoadFloatAhead(from)
            + PtxInstructions.LoadIntAhead(from) + PtxInstructions.LoadUShortAhead(from) + word.A + word.B + word.C + word.D;
    }

    private static void Cells(ulong cells, uint tag)
    {
        var quad = PtxInstructions.LoadTaggedQuad(cells, tag);
        PtxInstructions.StoreTagged(cells + 32, quad.A + quad.B + quad.C + quad.D + PtxInstructions.LoadTagged(cells, tag), tag);
        PtxInstructions.StoreTaggedPair(cells + 48, quad.A, quad.B, tag);
        PtxInstructions.PrefetchLine(cells);
    }

    private static void SharedMemories(Floats x, Floats y)
    {
        var shared = SharedMemory.Allocate<float>(64);
        PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref shared[Group.IdxX]), new Quad(x[0], x[1], x[2], x[3]));
        Group.Barrier();
        var quad = PtxInstructions.LoadSharedQuad(PtxInstructions.AddressOf(ref shared[0]));
        y[Group.IdxX] = quad.A + quad.B + quad.C + quad.D;
    }

    private static void Values(Floats x, Floats y, uint pair) =>
        y[Group.IdxX] = PtxInstructions.LowHalf(pair) + PtxInstructions.HighHalf(pair)
            + PtxInstructions.MultiplyAdd(x[0], 3, x[1]) + PtxInstructions.Exp2(x[2]) + PtxInstructions.Log2(x[3]);

    private static void Order(Floats x)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        x[0] = 1;
    }

    private static void GlobalStores(Floats x, uint first, uint second)
    {
        PtxInstructions.StoreQuad(PtxInstructions.AddressOf(ref x[0]), new Quad(x[4], x[5], x[6], x[7]));
        PtxInstructions.StoreUIntPair(PtxInstructions.AddressOf(ref x[8]), first, second);
    }

    private static void Counts(Ints counts, int last)
    {
        var address = PtxInstructions.AddressOfCount(ref counts[0]);
        PtxInstructions.StoreToHost(address, PtxInstructions.CountAround(address, last), PtxInstructions.CountUp(address));
    }
}
