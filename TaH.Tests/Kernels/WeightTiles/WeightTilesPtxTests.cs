using System.Reflection;
using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>What the speed of the kernel rests on, read from its PTX.</summary>
public partial class WeightTilesPtxTests
{
    [Theory, InlineData(16, 2, 8, true), InlineData(64, 1, 1, false), InlineData(128, 1, 4, true), InlineData(128, 1, 1, false)]
    public void Sends_for_whole_chunks_at_once_and_keeps_them_in_registers(int tokens, int terms, int splits, bool warpgroups)
    {
        var text = PtxCompiler.Compile(WeightTilesLaunches<GatedRows>.Method(new WeightTilesKernel(tokens, terms, splits, warpgroups)), "sm_90a");
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal); // every sum and every weight is in a register
        Assert.DoesNotContain("call", text, StringComparison.Ordinal);
        // Two chunks before the wait for the kernels before, then one behind each of the two products of a round.
        var runs = ProductOrBarrier().Split(text).Select(run => StreamedLoad().Count(run)).Where(loads => loads > 0);
        Assert.Equal([16, 8, 8], runs);
        Assert.True(text.IndexOf("ld.global.nc", StringComparison.Ordinal) < text.IndexOf("griddepcontrol.wait", StringComparison.Ordinal));
        // 128 columns of 16 weight rows are eight products a block of eight tokens for a warp, and eight in all for a warpgroup; in both parts of a
        // round.
        Assert.Equal(2 * 8 * terms * (warpgroups ? 1 : tokens / 8), Product().Count(text));
        Assert.Equal(splits > 1, text.Contains("mapa.shared::cluster", StringComparison.Ordinal));
    }

    [Fact]
    public void Older_cards_get_no_instruction_of_Hopper()
    {
        MethodInfo[] kernels =
        [
            WeightTilesLaunches<ProjectedRows>.Method(new WeightTilesKernel(32, 2, 1, Warpgroups: false)),
            ((Action<Floats, Floats, ulong, Floats, PackedTokensTask>)PackedTokens.Pack).Method,
        ];
        foreach (var kernel in kernels) Assert.DoesNotMatch(OfHopper(), PtxCompiler.Compile(kernel, "sm_80"));
    }

    [Fact]
    public void Clusters_are_named_at_the_entry() => Assert.Matches(
        @"\)\s+\.explicitcluster \.reqnctapercluster 4, 1, 1\n\.maxntid 256, 1, 1",
        PtxText.InClusters(PtxCompiler.Compile(WeightTilesLaunches<ProjectedRows>.Method(new WeightTilesKernel(16, 1, 4, true)), "sm_90a"), 4));

    [GeneratedRegex(@"mma\.sync|wgmma\.fence|\bbar\.sync")]
    private static partial Regex ProductOrBarrier();

    [GeneratedRegex(@"ld\.global\.nc\.L1::no_allocate")]
    private static partial Regex StreamedLoad();

    [GeneratedRegex(@"mma\.sync|wgmma\.mma_async")]
    private static partial Regex Product();

    [GeneratedRegex(@"cluster|wgmma|griddepcontrol|fence\.proxy")]
    private static partial Regex OfHopper();
}
