namespace TaH.Engine;

/// <summary>A sequence of the grid and the tokens that it holds, so that a prompt which begins alike need not run again.</summary>
internal sealed class KnownSequence(GridSequence grid) : IDisposable
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _iterations = [];

    public GridSequence Grid => grid;

    /// <summary>Tokens that it holds or is about to.</summary>
    public int Length => _tokens.Count;

    /// <summary>Passes that each position took; 0 where they are not complete.</summary>
    public IReadOnlyList<int> Iterations => _iterations;

    /// <summary>
    /// Keeps what the sequence shares with a prompt and drops the rest. The prompt's last token always runs again: its logits choose the answer's
    /// first.
    /// </summary>
    /// <returns>The prompt's tokens that still have to run.</returns>
    public int[] Rewind(IReadOnlyList<int> prompt)
    {
        var shared = 0;
        while (shared < Math.Min(_tokens.Count, prompt.Count - 1) && _tokens[shared] == prompt[shared]) shared++;
        TruncateFrom(shared);
        var rest = prompt.Skip(shared).ToArray();
        Add(rest);
        return rest;
    }

    /// <summary>Notes tokens that are about to run.</summary>
    public void Add(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens)
        {
            _tokens.Add(token);
            _iterations.Add(0);
        }
    }

    /// <summary>Notes that a position has had all its passes.</summary>
    public void Finish(int position, int iterations) => _iterations[position] = iterations;

    /// <summary>Drops everything from a position on.</summary>
    public void TruncateFrom(int position)
    {
        grid.TruncateFrom(position);
        if (position >= _tokens.Count) return;
        _tokens.RemoveRange(position, _tokens.Count - position);
        _iterations.RemoveRange(position, _iterations.Count - position);
    }

    public void Dispose() => grid.Dispose();
}
