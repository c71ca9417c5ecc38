namespace TaH.Kernels;

/// <summary>The lists of <see cref="TokenGroups"/> in host memory; what each holds is said there.</summary>
internal sealed class TokenPieces
{
    private int[] _counts = [];

    public List<int> Rows { get; } = [];

    public List<int> Tokens { get; } = [];

    public List<int> Starts { get; } = [0];

    public List<int> PieceStarts { get; } = [0];

    public List<int> Targets { get; } = [];

    public List<int> SplitTokens { get; } = [];

    public List<int> SplitStarts { get; } = [0];

    /// <summary>Sorts rows by their tokens, by counting.</summary>
    public void Group(ReadOnlySpan<int> tokens)
    {
        foreach (var list in (List<int>[])[Rows, Tokens, Targets, SplitTokens]) list.Clear();
        foreach (var list in (List<int>[])[Starts, PieceStarts, SplitStarts])
        {
            list.Clear();
            list.Add(0);
        }
        var most = -1;
        foreach (var token in tokens) most = Math.Max(most, token);
        if (_counts.Length <= most) _counts = new int[most + 1];
        var counts = _counts.AsSpan(0, most + 1);
        counts.Clear();
        foreach (var token in tokens)
            if (token >= 0) counts[token]++;
        for (var token = 0; token <= most; token++)
        {
            var count = counts[token];
            counts[token] = Starts[^1]; // from here on: where its next row goes
            if (count > 0) Add(token, count);
        }
        var sorted = new int[Starts[^1]];
        for (var row = 0; row < tokens.Length; row++)
            if (tokens[row] >= 0) sorted[counts[tokens[row]]++] = row;
        Rows.AddRange(sorted);
    }

    private void Add(int token, int count)
    {
        Tokens.Add(token);
        Starts.Add(Starts[^1] + count);
        if (count <= TokenGroups.PieceRows)
        {
            PieceStarts.Add(Starts[^1]);
            Targets.Add(token);
            return;
        }
        var pieces = (count + TokenGroups.PieceRows - 1) / TokenGroups.PieceRows;
        for (var piece = 0; piece < pieces; piece++)
        {
            PieceStarts.Add(Math.Min(PieceStarts[^1] + TokenGroups.PieceRows, Starts[^1]));
            Targets.Add(-1 - (SplitStarts[^1] + piece));
        }
        SplitTokens.Add(token);
        SplitStarts.Add(SplitStarts[^1] + pieces);
    }
}
