namespace TaH.Cli;

/// <summary>Bars of block characters, exact to an eighth of a cell.</summary>
internal static class Bar
{
    private const string Eighths = " ▏▎▍▌▋▊▉█";

    /// <summary>The bar of a share, padded to its width.</summary>
    /// <param name="share">0 to 1; more is cut.</param>
    /// <param name="width">Cells of a full bar.</param>
    public static string Of(double share, int width)
    {
        var eighths = (int)Math.Round(Math.Clamp(share, 0, 1) * width * 8);
        if (eighths == 0 && share > 0) eighths = 1; // what is there shows
        var bar = new string('█', eighths / 8);
        return (eighths % 8 == 0 ? bar : bar + Eighths[eighths % 8]).PadRight(width);
    }
}
