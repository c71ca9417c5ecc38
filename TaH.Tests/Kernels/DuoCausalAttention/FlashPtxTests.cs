namespace TaH.Tests;

/// <summary>What the speed of the kernel rests on, read from its PTX.</summary>
public class FlashPtxTests
{
    [Fact]
    public void Keeps_everything_in_registers()
    {
        var text = PtxCompiler.Compile(((Delegate)FlashKernel.Run).Method, "sm_90a");
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
        Assert.DoesNotContain("call", text, StringComparison.Ordinal);
        // Scores in two places, before the loop and in it; sums in it and behind it. Eight products of 16 elements, or entries, each.
        Assert.Equal(32, text.Split("wgmma.mma_async").Length - 1);
    }

    [Fact]
    public void Prepares_in_registers()
    {
        var text = PtxCompiler.Compile(((Delegate)FlashPreparation.Run).Method, "sm_90a");
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
        Assert.DoesNotContain("call", text, StringComparison.Ordinal);
    }
}
