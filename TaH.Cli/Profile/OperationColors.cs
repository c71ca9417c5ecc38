namespace TaH.Cli;

/// <summary>A colour for each operation, the same in every phase and every picture of a profile.</summary>
internal sealed class OperationColors
{
    // Told apart on dark and on light ground, neighbours also by those who see fewer colours.
    private static readonly string[] Palette =
        ["4e79f5", "f28e2b", "2fb58f", "e15759", "a26ed8", "d4b106", "17a2c4", "e377a8", "7f9b3a", "9c755f", "7a869a", "c45a1c"];

    private readonly Dictionary<string, string> _colors = [];

    /// <summary>Gives the operations of a profile their colours: the first ones to those that take the most time.</summary>
    public OperationColors(ModelProfile profile)
    {
        var operations = profile.Phases.SelectMany(phase => phase.Kernels).GroupBy(kernel => kernel.Operation)
            .OrderByDescending(group => group.Sum(kernel => kernel.Seconds));
        foreach (var operation in operations) _colors[operation.Key] = Palette[_colors.Count % Palette.Length];
    }

    /// <summary>Operations and colours, the longest operation first.</summary>
    public IReadOnlyDictionary<string, string> All => _colors;

    /// <summary>The colour on a terminal.</summary>
    public Color Of(string operation) => Color.FromHex(_colors[operation]);
}
