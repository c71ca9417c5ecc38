using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>What ILGPU makes of <see cref="GroupReduce"/> on CUDA, where a race showed once in a million rows.</summary>
public partial class GroupReducePtxTests
{
    public static TheoryData<string> Names() => [.. PortableKernels.All().Select(PortableKernels.NameOf)];

    /// <summary>Before a thread leaves its value, a barrier behind everything that was read of the last turn, with no branch between.</summary>
    [Theory, MemberData(nameof(Names))]
    public void A_value_is_stored_behind_a_barrier(string name)
    {
        var text = PtxCompiler.CompilePortable(PortableKernels.All().Single(kernel => PortableKernels.NameOf(kernel) == name), "sm_90");
        foreach (Match store in StoreInFrontOfATree().Matches(text))
        {
            var block = text[..store.Index];
            block = block[(block.LastIndexOf(":\n", StringComparison.Ordinal) + 1)..];
            Assert.True(block.LastIndexOf("bar.sync", StringComparison.Ordinal) > block.LastIndexOf("ld.shared", StringComparison.Ordinal), block);
        }
    }

    [Fact]
    public void There_are_such_stores()
    {
        var kernel = PortableKernels.All().Single(kernel => kernel.DeclaringType == typeof(TopKPortable));
        Assert.True(StoreInFrontOfATree().Count(PtxCompiler.CompilePortable(kernel, "sm_90")) >= 3);
    }

    [GeneratedRegex(@"st\.shared[^\n]*\n(\s*st\.shared[^\n]*\n)?\s*bar\.sync\s+0;\s*\n\s*mov\.b32\s+%r\d+, %tid\.x;\s*\n\s*setp\.(lt|ge)\.s32\s+%p\d+, %r\d+, 128;")]
    private static partial Regex StoreInFrontOfATree();
}
