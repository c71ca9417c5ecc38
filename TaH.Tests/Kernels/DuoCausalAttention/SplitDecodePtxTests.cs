using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>What the speed of the kernel rests on, read from its PTX.</summary>
public partial class SplitDecodePtxTests
{
    [Theory, InlineData(ElementType.Bf16, 128, 2), InlineData(ElementType.F16, 64, 4), InlineData(ElementType.F32, 128, 1), InlineData(ElementType.F32, 32, 4)]
    public void Sends_for_the_first_entries_before_it_waits_and_keeps_them_in_registers(ElementType type, int headDim, int heads)
    {
        var text = PtxCompiler.Compile(SplitDecodeLaunches.Method(type, headDim, heads));
        if (Environment.GetEnvironmentVariable("TAH_DUMP") is { } dump) File.WriteAllText(Path.Combine(dump, $"split{type}{headDim}x{heads}.ptx"), text);
        Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
        Assert.DoesNotContain("call", text, StringComparison.Ordinal);
        var parts = text.Split(PtxInstructions.WaitForPreviousText);
        Assert.Equal(2, parts.Length);
        Assert.Contains(PtxInstructions.LetNextStartText, parts[0], StringComparison.Ordinal);
        // Four keys and four values at once, in a block that nothing behind the wait leads to; in the loop, the keys and then the values.
        var four = type == ElementType.F32 ? 8 : 4;
        var blocks = Label().Split(text);
        var loading = Enumerable.Range(0, blocks.Length).Where(i => Streamed(blocks[i]) > 0).ToArray();
        Assert.Equal([four, four, 2 * four], loading.Select(i => Streamed(blocks[i])).Order());
        var first = loading.Single(i => Streamed(blocks[i]) == 2 * four);
        var wait = Array.FindIndex(blocks, block => block.Contains(PtxInstructions.WaitForPreviousText, StringComparison.Ordinal));
        Assert.Contains(wait, ReachedFrom(first, blocks, text));
        Assert.DoesNotContain(first, ReachedFrom(wait, blocks, text));
    }

    /// <summary>The blocks that control can come to from one.</summary>
    private static HashSet<int> ReachedFrom(int start, string[] blocks, string text)
    {
        string[] labels = [.. Label().Matches(text).Select(match => match.Value.Trim().TrimEnd(':'))];
        var reached = new HashSet<int>();
        var open = new Stack<int>([start]);
        while (open.TryPop(out var block))
        {
            var next = Branch().Matches(blocks[block]).Select(match => Array.IndexOf(labels, match.Groups[1].Value) + 1).ToList();
            if (!Leaves().IsMatch(blocks[block])) next.Add(block + 1);
            foreach (var successor in next)
                if (reached.Add(successor)) open.Push(successor);
        }
        return reached;
    }

    private static int Streamed(string text) => text.Split("ld.global.nc.L1::no_allocate").Length - 1;

    [GeneratedRegex(@"^\s*L_\w+:\s*$", RegexOptions.Multiline)]
    private static partial Regex Label();

    [GeneratedRegex(@"\bbra(?:\.uni)?\s+(L_\w+);")]
    private static partial Regex Branch();

    [GeneratedRegex(@"^\s*(?:bra(?:\.uni)?\s+L_\w+|ret);\s*\}?\s*\z", RegexOptions.Multiline)]
    private static partial Regex Leaves();
}
