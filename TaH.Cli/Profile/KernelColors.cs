namespace TaH.Cli;

/// <summary>A colour for each operation, or for each stage, the same in every phase of a profile.</summary>
internal sealed class KernelColors
{
    // Told apart on dark and on light ground, neighbours also by those who see fewer colours.
    private static readonly string[] Palette =
        ["4e79f5", "f28e2b", "2fb58f", "e15759", "a26ed8", "d4b106", "17a2c4", "e377a8", "7f9b3a", "9c755f", "7a869a", "c45a1c"];

    private readonly Dictionary<string, string> _colors = [];

    /// <summary>Gives out the colours: the first ones to what takes the most time.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="nameOf">What kernels of one colour have in common.</param>
    public KernelColors(ModelProfile profile, Func<KernelTotal, string> nameOf)
    {
        var groups = profile.Phases.SelectMany(phase => phase.Kernels).GroupBy(nameOf).OrderByDescending(group => group.Sum(kernel => kernel.Seconds));
        foreach (var group in groups) _colors[group.Key] = Palette[_colors.Count % Palette.Length];
    }

    /// <summary>The colour on a terminal.</summary>
    public Color Of(string name) => Color.FromHex(_colors[name]);
}
