namespace TaH.Cli;

/// <summary>Which columns of a profile's table a screen has room for.</summary>
/// <param name="HasBars">Whether shares have bars beside their numbers.</param>
internal sealed record TableLayout(bool HasBars)
{
    private static readonly string[] Left = ["kernel", "for", "sizes", "share", "of ceiling"];

    private const int Around = 3; // cells beside what stands in a column

    // What comes first stays longest. Widths are those of long names and numbers.
    private static readonly (string Title, int Width)[] ByImportance =
    [
        ("total", 7), ("share", 7), ("of ceiling", 10), ("rate", 12), ("for", 13), ("calls", 6), ("each", 7), ("sizes", 18), ("bars", 12), ("bytes", 11),
        ("FLOP", 6),
    ];

    private readonly HashSet<string> _titles = [];

    /// <summary>The layout for a number of cells.</summary>
    /// <param name="width">The cells.</param>
    /// <param name="longestName">Those that the longest name of a kernel takes.</param>
    public static TableLayout For(int width, int longestName)
    {
        var used = longestName + Around;
        var titles = ByImportance.TakeWhile(column => (used += column.Width + Around) <= width).Select(column => column.Title).ToHashSet();
        var layout = new TableLayout(titles.Contains("bars"));
        layout._titles.UnionWith(titles);
        layout._titles.Add("kernel");
        layout._titles.Add("total");
        return layout;
    }

    /// <summary>Whether there is room for a column.</summary>
    public bool Shows(string title) => _titles.Contains(title);

    /// <summary>Words, and numbers behind bars, to the left; other numbers to the right.</summary>
    public Justify AlignmentOf(string title) => Left.Contains(title) ? Justify.Left : Justify.Right;
}
