namespace TaH.Tests;

public class PtxTextTests
{
    private const string Generated =
        """
        .version 8.8
        .target sm_80
        .address_size 64

        .visible .func (.param .b32 retval_1) Dead_1(
        	.param .b64 _a
        )
        ;
        .visible .func (.param .b32 retval_1) Dead_1(
        	.param .b64 _a
        )
        {
        	{ .reg .pred p; }
        	ret;
        }

        .visible .entry Kernel_Run(
        	.param .b64 _x
        )
        {
        	.shared .align 4 .b8 __shared_alloca0[1024];
        	@%p1 bra.uni L_2;
        	@!%p10 bra.uni L_3;
        	bra.uni L_1;
        }

        """;

    [Fact]
    public void Names_the_target_aligns_shared_memory_and_branches_by_thread()
    {
        const string Expected =
            """
            .version 8.8
            .target sm_90a
            .address_size 64


            .visible .entry Kernel_Run(
            	.param .b64 _x
            )
            {
            	.shared .align 16 .b8 __shared_alloca0[1024];
            	@%p1 bra L_2;
            	@!%p10 bra L_3;
            	bra.uni L_1;
            }

            """;
        Assert.Equal(Expected, PtxText.Prepare(Generated, "sm_90a"));
    }

    [Fact]
    public void Keeps_functions_that_are_called()
    {
        var text = PtxText.Prepare(Generated.Replace("\tbra.uni L_1", "\tcall Dead_1", StringComparison.Ordinal), "sm_80");
        Assert.Contains("Dead_1(", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sm_75", false)]
    [InlineData("sm_89", false)]
    [InlineData("sm_90a", true)]
    [InlineData("sm_120", true)]
    public void Early_starts_are_for_Hopper_and_newer(string target, bool kept)
    {
        var kernel = ((Action<Floats>)EarlyStarter).Method;
        Assert.Equal(kept, PtxText.WaitsItself(PtxCompiler.Compile(kernel, target)));
        Assert.Equal(kept, PtxCompiler.Compile(kernel, target).Contains(PtxInstructions.LetNextStartText, StringComparison.Ordinal));
    }

    private static void EarlyStarter(Floats x)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        x[ILGPU.Grid.IdxX] = 1;
    }
}
