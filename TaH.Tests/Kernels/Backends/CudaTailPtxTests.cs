using System.Reflection;

namespace TaH.Tests;

/// <summary>The kernels behind the layers become PTX, with all that they hold in registers, and start early where a card can.</summary>
public class CudaTailPtxTests
{
    private static readonly Dictionary<string, MethodInfo> Kernels = new()
    {
        ["head"] = MatVecLaunches<HeadPairs>.Method(ElementType.Bf16, compiledRows: 1),
        ["sum"] = LogitsSumCudaBuckets.Method,
        ["top-k"] = TopKCudaBuckets.Method,
        ["decider, 1 row"] = DeciderCudaResident.Method(1, ElementType.Bf16),
        ["decider, 4 rows"] = DeciderCudaResident.Method(4, ElementType.F32),
        ["draw"] = SamplingCudaTop.Method,
        ["embedding"] = EmbeddingCudaOctets.CopyMethod(ElementType.F16),
        ["soft embedding"] = EmbeddingCudaOctets.MixMethod(ElementType.Bf16),
        ["tap"] = TapCudaQuads.Method,
    };

    public static TheoryData<string> Names() => [.. Kernels.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Stay_in_registers_and_start_early(string name)
    {
        var text = PtxCompiler.Compile(Kernels[name], "sm_90a");
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
        Assert.DoesNotContain("call", text, StringComparison.Ordinal);
        Assert.Contains(PtxInstructions.WaitForPreviousText, text, StringComparison.Ordinal);
        Assert.Contains(PtxInstructions.LetNextStartText, text, StringComparison.Ordinal);
    }
}
