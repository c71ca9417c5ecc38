using System.Reflection;
using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>What the speed of the kernel rests on, read from its PTX.</summary>
public partial class MatVecPtxTests
{
    public static TheoryData<string, ElementType, int, bool> Cases()
    {
        var cases = new TheoryData<string, ElementType, int, bool>();
        foreach (var rows in (int[])[1, 2, 4, 8])
        foreach (var type in Enum.GetValues<ElementType>())
            cases.Add(nameof(ProjectedRows), type, rows, false);
        foreach (var copied in (bool[])[false, true])
        {
            cases.Add(nameof(ThreeProjections), ElementType.Bf16, 1, copied);
            cases.Add(nameof(GatedRows), ElementType.Bf16, 1, copied);
        }
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Sends_for_a_whole_batch_at_once_and_keeps_it_in_registers(string pairs, ElementType type, int rows, bool copied)
    {
        var text = PtxCompiler.Compile(Method(pairs, type, rows, copied));
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal); // every sum and every weight is in a register
        Assert.DoesNotContain("call", text, StringComparison.Ordinal);
        Assert.DoesNotMatch(ConditionalUniformBranch(), text);
        // Two places, before x is staged and in the loop; in both, nothing that waits or branches stands between the loads.
        var runs = WaitOrBranch().Split(text).Select(run => StreamedLoad().Count(run)).Where(loads => loads > 0);
        var batch = type == ElementType.F32 ? 16 : 8;
        Assert.Equal([batch, batch], runs);
    }

    private static MethodInfo Method(string pairs, ElementType type, int rows, bool copied) => pairs switch
    {
        nameof(ProjectedRows) => MatVecLaunches<ProjectedRows>.Method(type, rows, copied),
        nameof(ThreeProjections) => MatVecLaunches<ThreeProjections>.Method(type, rows, copied),
        _ => MatVecLaunches<GatedRows>.Method(type, rows, copied),
    };

    [GeneratedRegex(@"@!?%p\d+ bra\.uni")]
    private static partial Regex ConditionalUniformBranch();

    [GeneratedRegex(@"\bbra\b|\bbar\.|\bfma\.")]
    private static partial Regex WaitOrBranch();

    [GeneratedRegex(@"ld\.global\.nc\.L1::no_allocate")]
    private static partial Regex StreamedLoad();
}
