namespace TaH.Tests;

public class CudaHoldTests
{
    [Theory, InlineData("sm_75"), InlineData("sm_80"), InlineData("sm_86")]
    public void Every_card_takes_the_wait(string architecture) =>
        Assert.Contains("0 bytes spill", PtxAssembler.Assemble(PtxCompiler.Compile(((Delegate)CudaHold.Wait).Method, architecture), architecture));
}
