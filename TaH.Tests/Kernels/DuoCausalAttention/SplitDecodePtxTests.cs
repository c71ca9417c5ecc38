namespace TaH.Tests;

/// <summary>What the speed of the kernel rests on, read from its PTX.</summary>
public class SplitDecodePtxTests
{
    [Theory, InlineData(ElementType.Bf16, 128, 2), InlineData(ElementType.F16, 64, 4), InlineData(ElementType.F32, 128, 1), InlineData(ElementType.F32, 16, 4)]
    public void Sends_for_the_first_entries_before_it_waits_and_keeps_them_in_registers(ElementType type, int headDim, int heads)
    {
        var text = PtxCompiler.Compile(SplitDecodeLaunches.Method(type, headDim, heads));
        if (Environment.GetEnvironmentVariable("TAH_DUMP") is { } dump) File.WriteAllText(Path.Combine(dump, $"split{type}{headDim}x{heads}.ptx"), text);
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
        Assert.DoesNotContain("call", text, StringComparison.Ordinal);
        var parts = text.Split(PtxInstructions.WaitForPreviousText);
        Assert.Equal(2, parts.Length);
        Assert.StartsWith(PtxInstructions.LetNextStartText, parts[0][parts[0].IndexOf("griddepcontrol", StringComparison.Ordinal)..], StringComparison.Ordinal);
        var loads = type == ElementType.F32 ? 16 : 8; // four keys and four values
        Assert.Equal((loads, loads), (Streamed(parts[0]), Streamed(parts[1])));
    }

    private static int Streamed(string text) => text.Split("ld.global.nc.L1::no_allocate").Length - 1;
}
