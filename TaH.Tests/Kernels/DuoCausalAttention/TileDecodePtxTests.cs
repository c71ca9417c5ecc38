using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>What the speed of the kernel rests on, read from its PTX.</summary>
public partial class TileDecodePtxTests
{
    private const string Copy = "cp.async.cg";
    private const string Ahead = "ld.volatile.global.v4";
    private const int CopiesOfTile = 16; // eight pairs of entries, keys and values

    private static readonly string Text = PtxCompiler.Compile(
        DuoCausalAttentionTileDecode.Method, "sm_90a", DuoCausalAttentionTileDecode.Residency);

    [Fact]
    public void Sends_for_the_first_tiles_and_for_norms_and_angles_before_it_waits()
    {
        var flow = new PtxFlow(Text);
        var wait = Assert.Single(flow.With(PtxInstructions.WaitForPreviousText));
        Assert.Contains(wait, flow.ReachedFrom(Assert.Single(flow.With(PtxInstructions.LetNextStartText))));
        var behind = flow.ReachedFrom(wait);
        var copying = flow.With(Copy);
        Assert.All(copying, block => Assert.Equal(CopiesOfTile, flow.Count(block, Copy)));
        Assert.Equal(TileDecodeKernel.Stages, copying.Count(block => !behind.Contains(block)));
        Assert.Single(copying, behind.Contains); // the loop's
        Assert.Equal(3, flow.With(Ahead).Where(block => !behind.Contains(block)).Sum(block => flow.Count(block, Ahead)));
    }

    [Fact]
    public void Keeps_everything_in_registers_and_does_not_divide()
    {
        Assert.DoesNotContain(".local", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\tcall", Text, StringComparison.Ordinal);
        Assert.DoesNotMatch(Division(), Text);
    }

    // A quotient of a constant aside: the length of shared memory in elements, which nobody asks for.
    [GeneratedRegex(@"\b(?:div|rem)\.[su](?:32\s+%r\d+, %r\d+, %r\d+|64)")]
    private static partial Regex Division();
}
