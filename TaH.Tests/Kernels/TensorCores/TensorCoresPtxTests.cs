using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>What the speed of the kernels rests on, read from what the assembler says.</summary>
public class TensorCoresPtxTests
{
    private static readonly Dictionary<string, (Delegate Kernel, int GroupSize)> Kernels = new()
    {
        ["wgmma 256 replace"] = Wgmma(256, 1, TensorStore.Replace),
        ["wgmma 256 add"] = Wgmma(256, 1, TensorStore.Add),
        ["wgmma 256 bf16"] = Wgmma(256, 1, TensorStore.Bfloat16),
        ["wgmma 256 gated"] = Wgmma(256, 1, TensorStore.Gated),
        ["wgmma 128 gated"] = Wgmma(128, 1, TensorStore.Gated),
        ["wgmma 192 add"] = Wgmma(192, 1, TensorStore.Add),
        ["wgmma 128 add"] = Wgmma(128, 1, TensorStore.Add),
        ["wgmma 64 bf16"] = Wgmma(64, 1, TensorStore.Bfloat16),
        ["wgmma 128 add in pairs"] = Wgmma(128, 2, TensorStore.Add),
        ["wgmma 128 bf16 in pairs"] = Wgmma(128, 2, TensorStore.Bfloat16),
        ["mma 128 replace"] = (MmaProducts.Kernel<MmaTwice<MmaTwice<MmaStrip>>>(TensorStore.Replace), MmaProduct.GroupSize),
        ["mma 128 add"] = (MmaProducts.Kernel<MmaTwice<MmaTwice<MmaStrip>>>(TensorStore.Add), MmaProduct.GroupSize),
        ["mma 64 bf16"] = (MmaProducts.Kernel<MmaTwice<MmaStrip>>(TensorStore.Bfloat16), MmaProduct.GroupSize),
        ["wgmma gradient 256 whole"] = (WgmmaGradients.Kernel(256, whole: true).Kernel, WgmmaProduct.GroupSize),
        ["wgmma gradient 192 parts"] = (WgmmaGradients.Kernel(192, whole: false).Kernel, WgmmaProduct.GroupSize),
        ["wgmma gradient 64 whole"] = (WgmmaGradients.Kernel(64, whole: true).Kernel, WgmmaProduct.GroupSize),
        ["mma gradient 128 whole"] = (MmaGradients.Kernel(128, whole: true).Kernel, MmaProduct.GroupSize),
        ["mma gradient 64 parts"] = (MmaGradients.Kernel(64, whole: false).Kernel, MmaProduct.GroupSize),
        ["narrow"] = ((Action<ulong, ulong, long>)Bfloat16CopyPtx.Narrow, 256),
        ["widen"] = ((Action<ulong, ulong, long>)Bfloat16CopyPtx.Widen, 256),
        ["norm"] = ((Action<ulong, ulong, ulong, RmsNormShape>)RmsNormBfloat16.Kernel, 256),
        ["swiglu"] = ((Action<ulong, ulong, ulong, long>)SwiGluBfloat16.Kernel, 256),
    };

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var name in Kernels.Keys)
        foreach (var architecture in name.StartsWith("wgmma", StringComparison.Ordinal) ? (string[])["sm_90a"] : ["sm_80", "sm_86", "sm_89", "sm_90a"])
            cases.Add(name, architecture);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Assembles_without_local_memory_and_without_waits_between_products(string name, string architecture)
    {
        var (kernel, groupSize) = Kernels[name];
        var text = PtxCompiler.Compile(kernel.Method, architecture, new KernelSpecialization(groupSize, 1));
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
        var said = PtxAssembler.Assemble(text, architecture);
        Assert.Contains("0 bytes spill stores, 0 bytes spill loads", said, StringComparison.Ordinal);
        Assert.DoesNotContain("serialized", said, StringComparison.Ordinal);
    }

    private static (Delegate Kernel, int GroupSize) Wgmma(int columns, int parts, TensorStore store) =>
        (WgmmaProducts.Kernel(new WgmmaGeometry(columns, parts), store).Kernel, WgmmaProduct.GroupSize);
}
