using System.Text.RegularExpressions;

namespace TaH.Tests;

/// <summary>The blocks of a kernel's PTX, and how control gets from one to another: ILGPU writes them in an order of its own.</summary>
internal sealed partial class PtxFlow
{
    private readonly string[] _blocks;
    private readonly string[] _labels;

    /// <param name="text">A module of one kernel.</param>
    public PtxFlow(string text)
    {
        _blocks = Label().Split(text);
        _labels = [.. Label().Matches(text).Select(match => match.Value.Trim().TrimEnd(':'))];
    }

    /// <summary>The blocks in which a text stands.</summary>
    public int[] With(string part) => [.. Enumerable.Range(0, _blocks.Length).Where(i => _blocks[i].Contains(part, StringComparison.Ordinal))];

    /// <summary>How often a text stands in a block.</summary>
    public int Count(int block, string part) => _blocks[block].Split(part).Length - 1;

    /// <summary>The blocks that control can come to from one.</summary>
    public IReadOnlySet<int> ReachedFrom(int start)
    {
        var reached = new HashSet<int>();
        var open = new Stack<int>([start]);
        while (open.TryPop(out var block))
        {
            var next = Branch().Matches(_blocks[block]).Select(match => Array.IndexOf(_labels, match.Groups[1].Value) + 1).ToList();
            if (!Leaves().IsMatch(_blocks[block])) next.Add(block + 1);
            foreach (var successor in next)
                if (reached.Add(successor)) open.Push(successor);
        }
        return reached;
    }

    [GeneratedRegex(@"^\s*L_\w+:\s*$", RegexOptions.Multiline)]
    private static partial Regex Label();

    [GeneratedRegex(@"\bbra(?:\.uni)?\s+(L_\w+);")]
    private static partial Regex Branch();

    [GeneratedRegex(@"^\s*(?:bra(?:\.uni)?\s+L_\w+|ret);\s*\}?\s*\z", RegexOptions.Multiline)]
    private static partial Regex Leaves();
}
