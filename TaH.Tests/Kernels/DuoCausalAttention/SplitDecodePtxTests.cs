namespace TaH.Tests;

/// <summary>What the speed of the kernel rests on, read from its PTX.</summary>
public class SplitDecodePtxTests
{
    private const string Streamed = "ld.global.nc.L1::no_allocate";

    [Theory]
    [InlineData(ElementType.Bf16, 128, 2), InlineData(ElementType.F16, 64, 4)]
    [InlineData(ElementType.F32, 128, 1), InlineData(ElementType.F32, 32, 4)]
    public void Sends_for_the_first_entries_before_it_waits_and_keeps_them_in_registers(ElementType type, int headDim, int heads)
    {
        var text = PtxCompiler.Compile(SplitDecodeLaunches.Method(type, headDim, heads));
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
        Assert.DoesNotContain("call", text, StringComparison.Ordinal);
        var parts = text.Split(PtxInstructions.WaitForPreviousText);
        Assert.Equal(2, parts.Length);
        Assert.Contains(PtxInstructions.LetNextStartText, parts[0], StringComparison.Ordinal);
        // Four keys and four values at once, in a block that nothing behind the wait leads to; in the loop, the keys and then the values.
        var four = type == ElementType.F32 ? 8 : 4;
        var flow = new PtxFlow(text);
        var loading = flow.With(Streamed);
        Assert.Equal([four, four, 2 * four], loading.Select(block => flow.Count(block, Streamed)).Order());
        var first = loading.Single(block => flow.Count(block, Streamed) == 2 * four);
        var wait = Assert.Single(flow.With(PtxInstructions.WaitForPreviousText));
        Assert.Contains(wait, flow.ReachedFrom(first));
        Assert.DoesNotContain(first, flow.ReachedFrom(wait));
    }
}
