namespace TaH.Engine;

/// <summary>Everything that one depth computed, for the positions that ran there, in position order.</summary>
/// <param name="layers">Decoder layers.</param>
public sealed class PassTrace(int layers)
{
    private readonly List<int> _positions = [];
    private readonly List<float> _rawLogits = [];
    private readonly List<float>[] _hidden = [.. Enumerable.Range(0, layers + 1).Select(_ => new List<float>())];

    /// <summary>[N] the positions.</summary>
    public IReadOnlyList<int> Positions => _positions;

    /// <summary>[N, vocab] this depth's own logits.</summary>
    public IReadOnlyList<float> RawLogits => _rawLogits;

    /// <summary>[layers + 1][N, hidden]: 0 is the input of layer 0, i the output of layer i-1, the last is after the final norm.</summary>
    public IReadOnlyList<IReadOnlyList<float>> Hidden => _hidden;

    internal void AddPosition(int position) => _positions.Add(position);

    internal void AddRawLogits(ReadOnlySpan<float> logits) => _rawLogits.AddRange(logits);

    internal void AddHidden(int index, ReadOnlySpan<float> states) => _hidden[index].AddRange(states);
}
